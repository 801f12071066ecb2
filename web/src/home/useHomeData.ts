import { useCallback, useEffect, useState } from "react";
import { api, type Stack, type WorkspaceInfo } from "@/api/api";
import { messageOf } from "@/api/request";

/** Something asked of the server: `value` stays the last one that came, `error` says why there is no newer. */
export type Loaded<T> = { value: T | null; error: string | null; reload: () => void; replace: (value: T) => void };

/** How often the list is asked for again while it can be seen; its states change without us. Milliseconds. */
const refreshEvery = 5_000;

export function useStacks(): Loaded<Stack[]> {
  const loaded = useLoaded(api.stacks, "/api/stacks");
  return loaded;
}

export function useWorkspaces(): Loaded<WorkspaceInfo[]> {
  const loaded = useLoaded(api.workspaces, "/api/workspaces");
  const { reload } = loaded;
  useEffect(() => {
    const refresh = () => {
      if (document.visibilityState === "visible") reload();
    };
    const timer = setInterval(refresh, refreshEvery);
    document.addEventListener("visibilitychange", refresh);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", refresh);
    };
  }, [reload]);
  return loaded;
}

// What was seen last is painted at once when one comes back to this page.
const seen = new Map<string, unknown>();

function useLoaded<T>(ask: () => Promise<T>, key: string): Loaded<T> {
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
