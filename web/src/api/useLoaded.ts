import { useCallback, useEffect, useState } from "react";
import { messageOf } from "./request";

/** Something asked of the server: `value` stays the last one that came, `error` says why there is no newer. */
export type Loaded<T> = { value: T | null; error: string | null; reload: () => void; replace: (value: T) => void };

// What was seen last is painted at once when one comes back to this page.
const seen = new Map<string, unknown>();

export function useLoaded<T>(ask: () => Promise<T>, key: string): Loaded<T> {
  const [value, setValue] = useState<T | null>(() => (seen.get(key) as T | undefined) ?? null);
  const [error, setError] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let left = false;
    ask().then(
      (answer) => {
        if (left) return;
        seen.set(key, answer);
        setValue(answer);
        setError(null);
      },
      (fault: unknown) => {
        if (!left) setError(messageOf(fault));
      },
    );
    return () => {
      left = true;
    };
  }, [ask, key, attempt]);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { value, error, reload, replace: setValue };
}
