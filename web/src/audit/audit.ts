import { request } from "@/api/request";

/** What someone did. `at`: ISO 8601. `about`: whom or what else it is about. */
export type Entry = {
  id: number;
  at: string;
  who: string;
  act: string;
  workspace?: string | null;
  about?: string | null;
  address: string;
  way: "page" | "token" | "link";
};

/** What narrows the list; empty: all. Days are `YYYY-MM-DD` of this computer. */
export type Filter = { who: string; workspace: string; act: string; since: string; until: string };

export const everything: Filter = { who: "", workspace: "", act: "", since: "", until: "" };

/** Each act as what its doer did; `about` is whom or what it names. */
const acts: Record<string, (about: string) => string> = {
  signedIn: (by) => `signed in by ${by}`,
  signInFailed: (why) => `could not sign in (${why})`,
  signedOut: () => "signed out",
  browserSignedOut: () => "signed another browser out",
  signedOutEverywhere: () => "signed out everywhere",
  accountMade: (account) => `made the account ${account}`,
  accountChanged: () => "changed name, user name or e-mail",
  passwordSet: () => "set the password",
  passkeyAdded: (name) => `added a passkey: ${name}`,
  passkeyRemoved: (name) => `removed a passkey: ${name}`,
  providerConnected: (provider) => `connected the account to ${provider}`,
  providerDisconnected: (provider) => `disconnected the account from ${provider}`,
  adminMade: (account) => `made ${account} an admin`,
  adminEnded: (account) => `made ${account} no longer an admin`,
  accountDisabled: (account) => `disabled the account ${account}`,
  accountEnabled: (account) => `enabled the account ${account}`,
  quotaSet: (quota) => `set how much someone may have: ${quota}`,
  signInAddressMade: (account) => `made a sign-in address for ${account}`,
  invited: (note) => `made an invitation${note && ` for ${note}`}`,
  invitationEnded: () => "took an invitation back",
  tokenMade: (name) => `made an API token: ${name}`,
  tokenRevoked: (name) => `revoked an API token: ${name}`,
  workspaceCreated: (name) => `made the workspace ${name}`,
  workspaceForked: (source) => `forked the workspace ${source}`,
  workspaceImported: (name) => `imported the workspace ${name}`,
  workspaceRenamed: (name) => `named the workspace ${name}`,
  workspaceDeleted: () => "deleted the workspace",
  workspaceOpened: () => "opened the workspace",
  workspaceStopped: () => "put the workspace to sleep",
  shared: (whom) => `shared the workspace with ${whom}`,
  unshared: (whom) => `shares the workspace no longer with ${whom}`,
  left: () => "left the workspace",
  linkMade: (role) => `made a link that makes people ${role}`,
  linkEnded: () => "ended a link",
  linkUsed: (role) => `became ${role} by a link`,
  ownerChanged: (whom) => `handed the workspace over to ${whom}`,
  portShown: (port) => `said who sees a port: ${port.replace("signedIn", "whoever is signed in")}`,
  variableSet: (name) => `set the variable ${name}`,
  secretSet: (name) => `set the secret ${name}`,
  workspaceMoved: (team) => (team ? `moved the workspace into the team ${team}` : "took the workspace out of its team"),
  teamMade: (name) => `made the team ${name}`,
  teamRenamed: (names) => `renamed the team ${names}`,
  teamDeleted: (name) => `deleted the team ${name}`,
  teamMemberSet: (whom) => `added to a team: ${whom}`,
  teamMemberRemoved: (whom) => `removed from a team: ${whom}`,
  teamLeft: (name) => `left the team ${name}`,
  teamQuotaSet: (quota) => `set what a team may have: ${quota}`,
  templateMade: (name) => `made a template: ${name}`,
  templateChanged: (name) => `changed a template: ${name}`,
  templateRemoved: (name) => `removed a template: ${name}`,
  variableRemoved: (name) => `removed the variable ${name}`,
};

/** The kinds, with words for a list to choose from. */
export const actNames: readonly (readonly [string, string])[] = Object.entries(acts).map(([act, words]) => [
  act,
  words("…"),
]);

/** "signed in by password". An act that this page does not know yet is told by its name. */
export const wordsOf = ({ act, about }: Entry): string => acts[act]?.(about ?? "") ?? act;

function query({ since, until, ...plain }: Filter): URLSearchParams {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(plain)) if (value) asked.set(name, value);
  if (since) asked.set("since", new Date(`${since}T00:00`).toISOString());
  if (until) {
    const end = new Date(`${until}T00:00`);
    end.setDate(end.getDate() + 1);
    asked.set("until", end.toISOString());
  }
  return asked;
}

/** A page of entries, newest first. `before`: the `next` of the page before; null: the first. */
export function entries(filter: Filter, before: number | null): Promise<{ entries: Entry[]; next?: number | null }> {
  const asked = query(filter);
  if (before !== null) asked.set("before", String(before));
  return request(`/api/audit?${asked}`);
}

export function exportAddress(filter: Filter, format: "csv" | "ndjson"): string {
  const asked = query(filter);
  asked.set("format", format);
  return `/api/audit/export?${asked}`;
}
