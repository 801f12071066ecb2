import { request } from "@/api/request";

/** `value`: null for a secret. Not `readable`: it was sealed with a key that the server no longer has. */
export type Variable = { name: string; secret: boolean; value: string | null; readable: boolean };

/** `version` grows with every change; the runner says which it has. */
export type Variables = { version: number; variables: Variable[] };

const of = (slug: string, name?: string) =>
  `/api/workspaces/${slug}/variables${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;

export const variables = {
  list: (slug: string) => request<Variables>(of(slug)),
  set: (slug: string, name: string, value: string, secret: boolean) =>
    request<{ version: number }>(of(slug, name), { method: "PUT", body: { value, secret } }),
  remove: (slug: string, name: string) => request<{ version: number }>(of(slug, name), { method: "DELETE" }),
};
