import { request } from "@/api/request";

/** What others are made. */
export const guestRoles = ["viewer", "editor"] as const;

export type GuestRole = (typeof guestRoles)[number];

export type Role = GuestRole | "owner";

export type Person = {
  id: number;
  userName?: string | null;
  name: string;
  role: Role;
  byLink: boolean;
  /** ISO 8601. */
  expiresAt?: string | null;
};

/** `address`: only of a link that was just made. */
export type ShareLink = { id: string; role: Role; expiresAt: string; address?: string | null };

/** Those a workspace is shared with; of one of a team, besides its members. */
export type People = { people: Person[]; links: ShareLink[]; team?: { id: number; name: string } | null };

const of = (slug: string, path: string) => `/api/workspaces/${slug}/${path}`;

export const sharing = {
  people: (slug: string) => request<People>(of(slug, "people")),
  add: (slug: string, userName: string, role: Role) =>
    request<undefined>(of(slug, "people"), { method: "POST", body: { userName, role } }),
  setRole: (slug: string, id: number, role: Role) =>
    request<undefined>(of(slug, `people/${id}`), { method: "PATCH", body: { role } }),
  remove: (slug: string, id: number) => request<undefined>(of(slug, `people/${id}`), { method: "DELETE" }),
  leave: (slug: string) => request<undefined>(of(slug, "membership"), { method: "DELETE" }),
  link: (slug: string, role: Role, days: number) =>
    request<ShareLink>(of(slug, "links"), { method: "POST", body: { role, days } }),
  unlink: (slug: string, id: string) => request<undefined>(of(slug, `links/${id}`), { method: "DELETE" }),
  handOver: (slug: string, userName: string) =>
    request<undefined>(of(slug, "owner"), { method: "POST", body: { userName } }),
  join: (token: string) => request<{ slug: string }>(`/api/links/${token}`, { method: "POST", body: {} }),
};
