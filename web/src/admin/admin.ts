import type { WorkspaceState } from "@/api/api";
import { request } from "@/api/request";

/** One part that the server needs; `message` says what is wrong with it. */
export type Part = { name: string; well: boolean; message: string };

/** `unneeded`: it does not protect, and need not as the server runs now. */
export type Protection = { name: string; standing: "on" | "off" | "unneeded"; why: string };

/** One option. `value`: null when it was not set, or is secret. `source`: where it was. */
export type Setting = { name: string; help: string; value?: string | null; source: string; secret: boolean };

export type Server = { roles: string; health: Part[]; protections: Protection[]; settings: Setting[] };

/** What a workspace uses of its machine: processors, bytes. `cpu`: not known at the first look. */
export type Use = {
  cpu?: number | null;
  processors: number;
  memory: number;
  memoryLimit: number;
  disk?: number | null;
};

/** A thing that was said of a workspace. */
export type Event = { at: string; state: WorkspaceState; message?: string | null };

/** Anyone's workspace. `because`: why it is awake, where that is known; `cause`: what broke it last; `use`: while it is awake. */
export type Workspace = {
  slug: string;
  name: string;
  stack: string;
  owner: string;
  /** Name of the team it belongs to. */
  team?: string | null;
  state: WorkspaceState;
  message?: string | null;
  cause?: string | null;
  because?: string | null;
  use?: Use | null;
  usedAt: string;
};

const workspace = (slug: string) => `/api/admin/workspaces/${encodeURIComponent(slug)}`;

export const admin = {
  server: () => request<Server>("/api/admin/server"),
  workspaces: () => request<Workspace[]>("/api/admin/workspaces"),
  size: (slug: string) => request<{ bytes: number; files: number }>(`${workspace(slug)}/size`),
  events: (slug: string) => request<Event[]>(`${workspace(slug)}/events`),
  stop: (slug: string) => request<undefined>(`${workspace(slug)}/stop`, { method: "POST" }),
};
