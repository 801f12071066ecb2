import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

/** What one person prefers in this browser. `fontSize` is in CSS pixels. */
export type Preferences = {
  theme: Theme;
  fontSize: number;
  wrap: boolean;
};

const key = "dropit.preferences";
const defaults: Preferences = { theme: "system", fontSize: 13, wrap: false };

let current = read();
const listeners = new Set<() => void>();

function read(): Preferences {
  try {
    return { ...defaults, ...(JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Preferences>) };
  } catch {
    // Storage that is blocked or holds something else means the defaults.
    return defaults;
  }
}

function subscribe(listener: () => void): () => void {
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
  current = { ...current, ...change };
  try {
    localStorage.setItem(key, JSON.stringify(current));
  } catch {
    // Without storage the choice holds until the page is left.
  }
  listeners.forEach((listener) => listener());
}

export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, preferences);
}
