import { request } from "@/api/request";
import { create, get } from "./webauthn";

/** How people come in here. */
export type Ways = { accounts: boolean; signUp: "closed" | "invitation" | "open"; providers: Provider[] };

export type Provider = { id: string; name: string };

export type Account = {
  userName?: string | null;
  name: string;
  email?: string | null;
  password: boolean;
  passkeys: Passkey[];
  /** Ids of providers it is connected to. */
  logins: string[];
};

export type Passkey = { id: string; name: string; createdAt: string };

/** A browser that is signed in; `method`: how it was. Times are ISO 8601. */
export type Browser = {
  id: string;
  agent: string;
  address: string;
  method: string;
  createdAt: string;
  usedAt: string;
  current: boolean;
};

export type User = {
  id: number;
  userName?: string | null;
  name: string;
  email?: string | null;
  admin: boolean;
  disabled: boolean;
  createdAt: string;
  workspaces: number;
  awake: number;
  browsers: number;
  /** Null: as many as everyone. */
  maxWorkspaces?: number | null;
  maxAwake?: number | null;
};

export type Invitation = { id: string; note: string; createdAt: string; expiresAt: string; address?: string | null };

/** What a program acts with. `text` only when it was just made. */
export type Token = {
  id: string;
  name: string;
  scope: "read" | "write" | "admin";
  expiresAt: string;
  usedAt?: string | null;
  text?: string | null;
};

const post = <T = unknown>(path: string, body: object = {}) => request<T>(path, { method: "POST", body });
const remove = (path: string) => request<undefined>(path, { method: "DELETE" });

export const accounts = {
  ways: () => request<Ways>("/api/signin"),
  signIn: (userName: string, password: string) => post("/api/signin", { userName, password }),
  signUp: (asked: { userName: string; password: string; email: string; invitation: string | null }) =>
    post("/api/signup", asked),
  /** Asks the browser for a passkey that it has for this server. */
  signInByPasskey: async () =>
    post("/api/signin/passkey", { credential: await get(await post("/api/signin/passkey/options")) }),
  account: () => request<Account>("/api/account"),
  change: (change: { userName?: string; name?: string; email?: string }) =>
    request<Account>("/api/account", { method: "PATCH", body: change }),
  setPassword: (current: string, password: string) =>
    request<undefined>("/api/account/password", { method: "PUT", body: { current, password } }),
  addPasskey: async (name: string) =>
    post<Passkey>("/api/account/passkeys", {
      credential: await create(await post("/api/account/passkeys/options")),
      name,
    }),
  removePasskey: (id: string) => remove(`/api/account/passkeys/${id}`),
  disconnect: (provider: string) => remove(`/api/account/logins/${provider}`),
  browsers: () => request<Browser[]>("/api/account/sessions"),
  signOutBrowser: (id: string) => remove(`/api/account/sessions/${id}`),
  signOutEverywhere: () => remove("/api/account/sessions"),
  tokens: () => request<Token[]>("/api/account/tokens"),
  addToken: (name: string, scope: string, days: number) => post<Token>("/api/account/tokens", { name, scope, days }),
  revokeToken: (id: string) => remove(`/api/account/tokens/${id}`),
  users: () => request<User[]>("/api/admin/users"),
  addUser: (userName: string) => post<{ address: string }>("/api/admin/users", { userName }),
  changeUser: (id: number, change: { admin?: boolean; disabled?: boolean }) =>
    request<undefined>(`/api/admin/users/${id}`, { method: "PATCH", body: change }),
  setQuota: (id: number, quota: { workspaces: number | null; awake: number | null }) =>
    request<undefined>(`/api/admin/users/${id}/quota`, { method: "PUT", body: quota }),
  signInAddress: (id: number) => post<{ address: string }>(`/api/admin/users/${id}/signin`),
  invitations: () => request<Invitation[]>("/api/admin/invitations"),
  invite: (note: string) => post<Invitation>("/api/admin/invitations", { note }),
  uninvite: (id: string) => remove(`/api/admin/invitations/${id}`),
  providerAddress: (id: string, query: Record<string, string>) => `/signin/${id}?${new URLSearchParams(query)}`,
};
