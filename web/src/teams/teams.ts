import { request } from "@/api/request";

export const teamRoles = ["member", "admin"] as const;

export type TeamRole = (typeof teamRoles)[number];

export type TeamInfo = { id: number; name: string; role: TeamRole; members: number; workspaces: number };

export type TeamMember = { id: number; userName?: string | null; name: string; role: TeamRole };

/** `most`: null for no bound. */
export type Bound = { used: number; most?: number | null };

/** What a team may have and has. `note`: what cannot be bounded as the server runs workspaces, and why. */
export type TeamQuota = {
  workspaces: Bound;
  awake: Bound;
  cores: Bound;
  memoryMegabytes: Bound;
  storageMegabytes: Bound;
  awakeNames: string[];
  note?: string | null;
};

/** What a workspace of a team can start with. `leftOut`: files of the workspace that are not in it, when it was just made. */
export type Template = {
  id: string;
  name: string;
  description: string;
  stack: string;
  bytes: number;
  createdAt: string;
  leftOut?: string[] | null;
};

export type Team = {
  id: number;
  name: string;
  role: TeamRole;
  members: TeamMember[];
  quota: TeamQuota;
  templates: Template[];
};

/** What admins of the server set; null: what one person may have, or no bound. */
export type QuotaSet = {
  workspaces: number | null;
  awake: number | null;
  cores: number | null;
  memoryMegabytes: number | null;
  storageMegabytes: number | null;
};

export type AdminTeam = {
  id: number;
  name: string;
  admins: string[];
  members: number;
  quota: TeamQuota;
  set: Partial<QuotaSet>;
};

const of = (team: number, path = "") => `/api/teams/${team}${path}`;

export const teams = {
  list: () => request<TeamInfo[]>("/api/teams"),
  make: (name: string) => request<TeamInfo>("/api/teams", { method: "POST", body: { name } }),
  team: (team: number) => request<Team>(of(team)),
  rename: (team: number, name: string) => request<undefined>(of(team), { method: "PATCH", body: { name } }),
  remove: (team: number) => request<undefined>(of(team), { method: "DELETE" }),
  addMember: (team: number, userName: string, role: TeamRole) =>
    request<undefined>(of(team, "/members"), { method: "POST", body: { userName, role } }),
  setRole: (team: number, id: number, role: TeamRole) =>
    request<undefined>(of(team, `/members/${id}`), { method: "PATCH", body: { role } }),
  removeMember: (team: number, id: number) => request<undefined>(of(team, `/members/${id}`), { method: "DELETE" }),
  leave: (team: number) => request<undefined>(of(team, "/membership"), { method: "DELETE" }),
  /** Into a team; null: out of its team, to be one's own. */
  move: (slug: string, team: number | null) =>
    request<undefined>(`/api/workspaces/${slug}/team`, { method: "PUT", body: { team } }),
  makeTemplate: (team: number, template: { workspace: string; name: string; description: string }) =>
    request<Template>(of(team, "/templates"), { method: "POST", body: template }),
  changeTemplate: (team: number, id: string, change: { name: string; description: string }) =>
    request<Template>(of(team, `/templates/${id}`), { method: "PATCH", body: change }),
  removeTemplate: (team: number, id: string) => request<undefined>(of(team, `/templates/${id}`), { method: "DELETE" }),
  all: () => request<AdminTeam[]>("/api/admin/teams"),
  setQuota: (team: number, quota: QuotaSet) =>
    request<undefined>(`/api/admin/teams/${team}/quota`, { method: "PUT", body: quota }),
};
