import { RequestError } from "@/connection";
import type { WorkspaceSession } from "../session";

/** Milliseconds until what was typed is at the runner. */
const patience = 5_000;

export type Formatted = { tool: string; changed: boolean };

/** Names a text, so that the edits of one are not applied to another: its length and FNV-1a of its UTF-16 units. The runner's twin is TextMark. */
export function textMark(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${text.length}:${(hash >>> 0).toString(16)}`;
}

/**
 * Formats the file that is shown, with the tool of its language in the workspace. What comes back is a change like one that was
 * typed: it can be undone, and everyone else gets it as a diff.
 */
export async function formatActive(session: WorkspaceSession): Promise<Formatted | null> {
  const { active } = session.tabs.tabs.get();
  if (active === null || session.editor.get() === null) return null;
  const document = session.tabs.document(active);
  session.documents.pushAll();
  await sent(document.state, document.client);
  const { tool, before, edits } = await session.connection.request("format.run", { path: active });
  const view = session.editor.get();
  if (view === null || session.tabs.tabs.get().active !== active) return null;
  if (textMark(view.state.doc.toString()) !== before) {
    throw new RequestError("busy", "The file changed while it was formatted. Format it again.");
  }
  if (edits.length === 0) return { tool, changed: false };
  view.dispatch({
    changes: edits,
    userEvent: "format",
    scrollIntoView: true,
  });
  return { tool, changed: true };
}

type Watched = { subscribe: (listener: () => void) => () => void };

/** When nothing is left to send; at the latest after a while, and then the marks of the texts tell. */
function sent(state: Watched, client: { unsent: number }): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (client.unsent > 0) return;
      end();
      resolve();
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, patience);
    const unsubscribe = state.subscribe(look);
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
    };
    look();
  });
}
