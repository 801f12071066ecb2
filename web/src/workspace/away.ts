import { useStore, type ConnectionState } from "@/connection";
import type { WorkspaceSession } from "./session";

/** Whether a try to reach the workspace has failed, or none is planned. */
export function isAway({ kind, attempt }: ConnectionState): boolean {
  return kind === "offline" || kind === "refused" || kind === "asleep" || (kind === "connecting" && attempt > 1);
}

/** Whether the workspace was not reached in this visit, so that all that can be shown is what this browser keeps. */
export function useAway(session: WorkspaceSession): boolean {
  const hello = useStore(session.connection.hello);
  return isAway(useStore(session.connection.state)) && hello === null;
}
