import type { WorkspaceInfo } from "@/api/api";
import { remember, remembered } from "@/preferences/remembered";

type Known = Pick<WorkspaceInfo, "name" | "stack">;

/** Keeps in this browser what a workspace is called, for when the server is away. */
export function know(slug: string, { name, stack }: Known): void {
  remember(`workspace.${slug}`, { name, stack });
}

/** What the workspace was called when the server last said so; its slug when this browser does not know. */
export function knownName(slug: string): string {
  return remembered<Partial<Known> | null>(`workspace.${slug}`, null)?.name ?? slug;
}
