import { useCallback, useState } from "react";

/** State that comes back after a reload: kept in this browser under `dropit.<key>`, JSON. */
export function useRemembered<T>(key: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState(() => remembered(key, initial));
  const set = useCallback(
    (next: T) => {
      setValue(next);
      remember(key, next);
    },
    [key],
  );
  return [value, set];
}

export function remembered<T>(key: string, initial: T): T {
  try {
    const text = localStorage.getItem(`dropit.${key}`);
    return text === null ? initial : (JSON.parse(text) as T);
  } catch {
    return initial;
  }
}

export function remember(key: string, value: unknown): void {
  try {
    localStorage.setItem(`dropit.${key}`, JSON.stringify(value));
  } catch {
    // A full or blocked storage only forgets the layout.
  }
}
