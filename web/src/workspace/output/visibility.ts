import { request } from "@/api/request";

/** Who sees what a program serves on a port. */
export type Visibility = "private" | "signedIn" | "public";

export const visibilities: { id: Visibility; name: string; words: string }[] = [
  { id: "private", name: "Private", words: "Only the people of this workspace see it." },
  { id: "signedIn", name: "Signed-in", words: "Whoever has an account here and the address sees it." },
  { id: "public", name: "Public", words: "Anyone who has the address sees it." },
];

const of = (slug: string) => `/api/workspaces/${slug}/ports`;

export const ports = {
  /** Those that are not private. */
  list: (slug: string) => request<{ port: number; visibility: Visibility }[]>(of(slug)),
  show: (slug: string, port: number, visibility: Visibility) =>
    request<undefined>(`${of(slug)}/${port}`, { method: "PUT", body: { visibility } }),
};
