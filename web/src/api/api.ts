import type { Changes, Version } from "@/workspace/history/timeline";
import { request } from "./request";

export type Session = {
  user: { id: number; name: string; admin: boolean };
  /** People have accounts here; else there is one user. */
  accounts: boolean;
  /** One may make teams. */
  makesTeams: boolean;
  origin: string;
  domain: string;
  version: string;
  sleep: SleepRules;
};

/** What the operator says about sleep. */
export type SleepRules = { leftMinutes: number; untouchedMinutes: number; mayNever: boolean };

export type SleepPolicy = "whenLeft" | "whenNothingRuns" | "never";

export type Stack = {
  id: string;
  name: string;
  description: string;
  icon: string;
  order: number;
  /** Tools that the stack needs and this machine lacks; `message` says how to get them. */
  missing: { tool: string; message: string }[];
  /** Why the template cannot be used at all. */
  error?: string | null;
};

export type WorkspaceState = "asleep" | "starting" | "restoring" | "awake" | "stopping" | "failed";

/** Times are ISO 8601. */
export type WorkspaceInfo = {
  slug: string;
  name: string;
  stack: string;
  state: WorkspaceState;
  message?: string | null;
  /** When it may be put to sleep. */
  sleeps: SleepPolicy;
  /** What one is in it. */
  role: "viewer" | "editor" | "owner";
  /** The team it belongs to, when one is in it. */
  team?: { id: number; name: string } | null;
  createdAt: string;
  usedAt: string;
};

/** What a new workspace starts with, and the team it belongs to; without one it is one's own. */
export type Origin = { stack: string; team?: number; template?: string };

/** One line of the way from asleep to awake. */
export type Startup = {
  state: WorkspaceState;
  doneBytes?: number | null;
  totalBytes?: number | null;
  message?: string | null;
  /** What broke the runner before this start. */
  cause?: string | null;
};

/** What opens a runner. `expires`: ISO 8601 or Unix seconds. */
export type Entry = { ticket: string; expires: string | number; origin: string };

/** How an import goes. `share`: 0..1. */
export type ImportEvent = {
  state: "running" | "done" | "failed" | "cancelled";
  message: string;
  share: number;
  slug?: string | null;
  notes: string[];
};

const workspace = (slug: string) => `/api/workspaces/${encodeURIComponent(slug)}`;

export const api = {
  session: (signal?: AbortSignal) => request<Session>("/api/session", signal ? { signal } : {}),
  signOut: () => request<undefined>("/api/session", { method: "DELETE" }),
  settings: () => request<unknown>("/api/settings"),
  putSettings: (settings: object) =>
    request<undefined>("/api/settings", { method: "PUT", body: settings, keepalive: true }),
  view: (slug: string) => request<unknown>(`${workspace(slug)}/view`),
  putView: (slug: string, view: object) =>
    request<undefined>(`${workspace(slug)}/view`, { method: "PUT", body: view, keepalive: true }),
  stacks: () => request<Stack[]>("/api/stacks"),
  workspaces: () => request<WorkspaceInfo[]>("/api/workspaces"),
  create: (from: Origin) => request<WorkspaceInfo>("/api/workspaces", { method: "POST", body: from }),
  rename: (slug: string, name: string) => request<undefined>(workspace(slug), { method: "PATCH", body: { name } }),
  setSleep: (slug: string, sleeps: SleepPolicy) =>
    request<undefined>(workspace(slug), { method: "PATCH", body: { sleeps } }),
  remove: (slug: string) => request<undefined>(workspace(slug), { method: "DELETE" }),
  /** A new workspace with all that is safe in this one. */
  fork: (slug: string, team: number | null = null) =>
    request<WorkspaceInfo>(`${workspace(slug)}/fork`, { method: "POST", body: { team } }),
  open: (slug: string) => request<Entry>(`${workspace(slug)}/open`, { method: "POST" }),
  stop: (slug: string) => request<undefined>(`${workspace(slug)}/stop`, { method: "POST" }),
  preview: (slug: string, port: number) =>
    request<{ url: string }>(`${workspace(slug)}/preview`, { method: "POST", body: { port } }),
  importGit: (source: { url: string; token: string; history: boolean; team: number | null }) =>
    request<{ id: string }>("/api/imports/git", { method: "POST", body: source }),
  stopImport: (id: string) => request<undefined>(`/api/imports/${id}`, { method: "DELETE" }),
  importZipAddress: (name: string, team: number | null) =>
    `/api/imports/zip?name=${encodeURIComponent(name.slice(0, 100))}${team === null ? "" : `&team=${team}`}`,
  importEventsAddress: (id: string) => `/api/imports/${id}/events`,
  eventsAddress: (slug: string) => `${workspace(slug)}/events`,
  fileAddress: (slug: string, path: string) =>
    `${workspace(slug)}/files/${path.split("/").map(encodeURIComponent).join("/")}`,
  archiveAddress: (slug: string) => `${workspace(slug)}/archive.zip`,
  /** Versions before one, newest first; `path`: only those that changed it. */
  versions: (slug: string, before: string | null, path: string | null) => {
    const query = new URLSearchParams({ ...(before === null ? {} : { before }), ...(path === null ? {} : { path }) });
    return request<{ versions: Version[]; next?: string | null }>(`${workspace(slug)}/versions?${query}`);
  },
  /** What lies between two versions; without `since`, what the version changed. */
  changes: (slug: string, id: string, since: string | null) =>
    request<Changes>(`${workspace(slug)}/versions/${id}/changes${since === null ? "" : `?since=${since}`}`),
  versionFileAddress: (slug: string, id: string, path: string) =>
    `${workspace(slug)}/versions/${id}/files/${path.split("/").map(encodeURIComponent).join("/")}`,
  versionArchiveAddress: (slug: string, id: string) => `${workspace(slug)}/versions/${id}/archive.zip`,
};
