import { EditorView } from "@codemirror/view";
import { useEffect, useState } from "react";
import type { KeyTarget } from "@/keys/press";
import type { WorkspaceSession } from "../session";

/** The terminal or editor that has the keyboard; null: neither has. While the focus is in the bar, the last one. */
export function useKeyTarget(session: WorkspaceSession, wanted: boolean): KeyTarget | null {
  const [target, setTarget] = useState<KeyTarget | null>(null);
  useEffect(() => {
    if (!wanted) return;
    const look = () => {
      const focused = document.activeElement;
      if (!(focused instanceof HTMLElement) || focused.closest("[role=toolbar]")) return;
      setTarget((before) => (before?.element === focused ? before : targetOf(session, focused)));
    };
    // A focus that comes back at once, or goes from one to the other, is no loss of it.
    const moved = () => queueMicrotask(look);
    look();
    document.addEventListener("focusin", moved);
    document.addEventListener("focusout", moved);
    return () => {
      document.removeEventListener("focusin", moved);
      document.removeEventListener("focusout", moved);
      setTarget(null);
    };
  }, [session, wanted]);
  return target;
}

function targetOf(session: WorkspaceSession, focused: HTMLElement): KeyTarget | null {
  const terminal = focused.closest<HTMLElement>("[data-terminal]")?.dataset.terminal;
  if (terminal !== undefined) {
    return { element: focused, type: (text) => session.shells.handle(terminal)?.type(text) };
  }
  const view = focused.matches(".cm-content") ? EditorView.findFromDOM(focused) : null;
  return view === null ? null : { element: focused, type: (text) => typeInto(view, text) };
}

/** As the editor takes typed text: what completes brackets, or knows of held keys, comes first. */
function typeInto(view: EditorView, text: string): void {
  if (view.state.readOnly) return;
  const { from, to } = view.state.selection.main;
  const insert = () =>
    view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
  const taken = view.state.facet(EditorView.inputHandler).some((take) => take(view, from, to, text, insert));
  if (!taken) view.dispatch(insert());
}
