import { useEffect } from "react";
import { api, type Stack, type WorkspaceInfo } from "@/api/api";
import { useLoaded, type Loaded } from "@/api/useLoaded";

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
