import { useSyncExternalStore } from "react";

export type Route =
  | { page: "home" }
  /** A workspace that is being made: its frame is shown while the server answers. */
  | { page: "creating"; stack: string }
  | { page: "workspace"; slug: string }
  | { page: "signup" }
  | { page: "account" }
  /** Everyone's accounts, for admins. */
  | { page: "people" }
  /** The server, for admins. */
  | { page: "admin" }
  /** The teams one is in. */
  | { page: "teams" }
  | { page: "team"; id: number }
  /** Who did what. */
  | { page: "audit" }
  /** A link to someone's workspace. */
  | { page: "join"; token: string }
  | { page: "unknown" };

export function routeOf(path: string): Route {
  if (path === "/") return { page: "home" };
  if (/^\/(signup|account|people|audit|admin|teams)$/.test(path)) return { page: path.slice(1) as "signup" };
  const team = /^\/teams\/(\d{1,9})$/.exec(path)?.[1];
  if (team) return { page: "team", id: Number(team) };
  const stack = /^\/new\/([a-z0-9-]{1,64})$/.exec(path)?.[1];
  if (stack) return { page: "creating", stack };
  const token = /^\/join\/([\w-]{1,64})$/.exec(path)?.[1];
  if (token) return { page: "join", token };
  const slug = /^\/w\/([a-z][a-z0-9]{1,39})\/?$/.exec(path)?.[1];
  return slug ? { page: "workspace", slug } : { page: "unknown" };
}

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("popstate", listener);
  };
}

/** Goes to another page of the application without loading it anew. */
export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  listeners.forEach((listener) => listener());
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname);
}
