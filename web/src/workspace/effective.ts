import { useStore, type Hello } from "@/connection";
import { usePreferences } from "@/preferences/preferences";
import { validForWorkspace, type Preferences, type WorkspaceSettings } from "@/preferences/settings";
import type { WorkspaceSession } from "./session";

/** What this workspace's dropit.json says for everyone in it. */
export function workspaceSettings(hello: Hello | null): WorkspaceSettings {
  return validForWorkspace(hello?.project.editor);
}

/** What holds here: one's own preferences, and over them what the workspace says. */
export function useEffectiveSettings(session: WorkspaceSession): Preferences {
  const own = usePreferences();
  const hello = useStore(session.connection.hello);
  return { ...own, ...workspaceSettings(hello) };
}
