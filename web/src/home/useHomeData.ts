import { useCallback, useEffect } from "react";
import { api, type Stack, type WorkspaceInfo } from "@/api/api";
import { useLoaded, type Loaded } from "@/api/useLoaded";
import { teams, type TeamInfo, type Template } from "@/teams/teams";

/** How often the list is asked for again while it can be seen; its states change without us. Milliseconds. */
const refreshEvery = 5_000;

export function useStacks(): Loaded<Stack[]> {
  const loaded = useLoaded(api.stacks, "/api/stacks");
  return loaded;
}

/** Teams one is in; none where people have no accounts. */
export function useTeams(accounts: boolean): TeamInfo[] {
  return useLoaded(accounts ? teams.list : none, "/api/teams").value ?? [];
}

const none = () => Promise.resolve<TeamInfo[]>([]);

export function useTemplates(team: number | null): Template[] {
  const ask = useCallback(
    () => (team === null ? Promise.resolve<Template[]>([]) : teams.team(team).then(({ templates }) => templates)),
    [team],
  );
  const { value } = useLoaded(ask, `templates of ${team}`);
  return team === null ? [] : (value ?? []);
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
