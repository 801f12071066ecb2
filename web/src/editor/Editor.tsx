import type { StateEffect } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { DocumentHandle } from "@/documents";
import type { EditorSettings } from "./extensions";
import { common, languageSlot, ofSettings, settingsSlot } from "./extensions";
import { languageOf } from "./languages";

export interface EditorProps {
  document: DocumentHandle;
  settings?: EditorSettings;
  /** Takes the focus when the document is shown. */
  autoFocus?: boolean;
  /** Ctrl-S or Cmd-S: nothing is left to do, the page may say so. */
  onSave?: () => void;
  /** Where the cursor is: line and column from 1, and how many characters are selected. */
  onCursor?: (cursor: { line: number; column: number; selected: number }) => void;
  className?: string;
}

type Callbacks = Pick<EditorProps, "onSave" | "onCursor">;

const noSettings: EditorSettings = {};

/** Where each document was scrolled to when it was last shown. */
const scrolled = new WeakMap<object, StateEffect<unknown>>();

export function Editor({ document, settings = noSettings, autoFocus, onSave, onCursor, className }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const shownView = useRef<EditorView>(null);
  const callbacks = useRef<Callbacks>({});
  const firstSettings = useRef(settings);
  const { client } = document;
  const loaded = useSyncExternalStore(client.state.subscribe, () => client.current !== null);

  useEffect(() => {
    callbacks.current = { ...(onSave && { onSave }), ...(onCursor && { onCursor }) };
    firstSettings.current = settings;
  });

  useEffect(() => {
    const text = client.current?.doc;
    if (host.current === null || text === undefined || !loaded) return;
    const language = languageOf(client.path);
    const state = client.configure([
      ofCallbacks(callbacks),
      settingsSlot.of(ofSettings(firstSettings.current, text)),
      languageSlot.of(language?.ready ?? []),
      EditorView.contentAttributes.of({ "aria-label": client.path }),
      common,
    ]);
    if (state === null) return;
    const scrollTo = scrolled.get(client);
    const view = new EditorView({
      state,
      parent: host.current,
      dispatchTransactions: (transactions) => client.dispatch(transactions),
      ...(scrollTo && { scrollTo }),
    });
    client.attach(view);
    shownView.current = view;
    tellCursor(view, callbacks.current);
    if (language?.ready === null) {
      language.load().then(
        (support) => {
          if (shownView.current === view) view.dispatch({ effects: languageSlot.reconfigure(support) });
        },
        () => {
          // The chunk did not come (the page is offline): the text has no colours until it is shown again.
        },
      );
    }
    return () => {
      scrolled.set(client, view.scrollSnapshot());
      client.detach(view);
      shownView.current = null;
      view.destroy();
    };
  }, [client, loaded]);

  useEffect(() => {
    if (autoFocus === true && loaded) shownView.current?.focus();
  }, [client, loaded, autoFocus]);

  const { fontSize, tabSize, wrap } = settings;
  useEffect(() => {
    const view = shownView.current;
    if (view === null) return;
    const next: EditorSettings = {
      ...(fontSize !== undefined && { fontSize }),
      ...(tabSize !== undefined && { tabSize }),
      ...(wrap !== undefined && { wrap }),
    };
    view.dispatch({ effects: settingsSlot.reconfigure(ofSettings(next, view.state.doc)) });
  }, [fontSize, tabSize, wrap]);

  return <div ref={host} className={className} style={{ height: "100%", minHeight: 0, overflow: "hidden" }} />;
}

function ofCallbacks(callbacks: { current: Callbacks }) {
  return [
    keymap.of([
      {
        key: "Mod-s",
        preventDefault: true,
        run: () => {
          callbacks.current.onSave?.();
          return true;
        },
      },
    ]),
    EditorView.updateListener.of((update) => {
      if (update.selectionSet || update.docChanged) tellCursor(update.view, callbacks.current);
    }),
  ];
}

function tellCursor(view: EditorView, { onCursor }: Callbacks) {
  if (onCursor === undefined) return;
  const { doc, selection } = view.state;
  const line = doc.lineAt(selection.main.head);
  const selected = selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0);
  onCursor({ line: line.number, column: selection.main.head - line.from + 1, selected });
}
