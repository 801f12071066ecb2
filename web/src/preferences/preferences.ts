import { useSyncExternalStore } from "react";
import { defaults, valid, type Preferences, type Theme } from "./settings";

const key = "dropit.preferences";

let current = read();
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    return { ...defaults, ...valid(JSON.parse(localStorage.getItem(key) ?? "{}")) };
  } catch {
    // Storage that is blocked or holds something else means the defaults.
    return defaults;
  }
}

/** Calls `listener` after each change, in this window or another, until the function that it returns is called. */
export function subscribePreferences(listener: () => void): () => void {
  const fromAnotherTab = (event: StorageEvent) => {
    if (event.key !== key) return;
    current = read();
    listener();
  };
  listeners.add(listener);
  window.addEventListener("storage", fromAnotherTab);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", fromAnotherTab);
  };
}

export function preferences(): Preferences {
  return current;
}

export function setPreferences(change: Partial<Preferences>): void {
  current = { ...current, ...valid(change) };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // Without storage the choice holds until the page is left.
  }
  listeners.forEach((listener) => listener());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribePreferences, preferences);
}

export type { Preferences, Theme };
