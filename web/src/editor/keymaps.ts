import type { Extension } from "@codemirror/state";

export type KeymapName = "default" | "vim" | "emacs";

const loaded = new Map<KeymapName, Extension>([["default", []]]);

/** The keys of another editor: at once when they were loaded before. Each comes when it is first chosen. */
export function keymapOf(name: KeymapName): { ready: Extension | null; load: () => Promise<Extension> } {
  const load = async () => {
    const extension = loaded.get(name) ?? (await (name === "vim" ? vim() : emacs()));
    loaded.set(name, extension);
    return extension;
  };
  return { ready: loaded.get(name) ?? null, load };
}

async function vim(): Promise<Extension> {
  const { vim, Vim } = await import("@replit/codemirror-vim");
  // What Ctrl-S does; the editor's own handler is found by its event.
  Vim.defineEx("write", "w", (view: { cm6?: { contentDOM: HTMLElement } }) => {
    view.cm6?.contentDOM.dispatchEvent(new CustomEvent("dropit-save", { bubbles: true }));
  });
  return vim({ status: true });
}

async function emacs(): Promise<Extension> {
  return (await import("@replit/codemirror-emacs")).emacs();
}
