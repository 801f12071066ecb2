import type { Extension, StateEffect } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useRef, useSyncExternalStore } from "react";
import type { DocumentHandle } from "@/documents";
import type { EditorSettings } from "./extensions";
import { common, keymapSlot, languageSlot, ofSettings, peopleSlot, settingsSlot } from "./extensions";
import { keymapOf } from "./keymaps";
import { languageOf } from "./languages";
import { ofPeople, others, seenIn, showAs } from "./others";
import { placeOf, returnTo, type FilePlace } from "./places";

export interface EditorProps {
  document: DocumentHandle;
  settings?: EditorSettings;
  /** Takes the focus when the document is shown. */
  autoFocus?: boolean;
  /** Asked before the focus is taken for `autoFocus` or for `target`: a text may come long after it was asked for. */
  mayFocus?: () => boolean;
  /** Ctrl-S or Cmd-S: nothing is left to do, the page may say so. */
  onSave?: () => void;
  /** Where to go: line and column from 1. Another object goes there again. */
  target?: EditorTarget | null;
  /** Where one was in the document when it was last shown, in another visit. */
  place?: FilePlace | undefined;
  /** Told a moment after one has moved, and when the document is left. */
  onPlace?: (path: string, place: FilePlace) => void;
  /** The editor's view while a document is shown; null when none is. */
  onView?: (view: EditorView | null) => void;
  /** Who is here, and who of them has this page: the others' carets are drawn with their names. */
  people?: readonly { id: number; name: string }[];
  me?: number;
  /** The person whose view this one scrolls along with; null: nobody's. */
  follow?: number | null;
  /** Where the cursor is: line and column from 1, and how many characters are selected. */
  onCursor?: (cursor: { line: number; column: number; selected: number }) => void;
  className?: string;
}

/** `length`: how many characters to select; `focus`: whether the editor takes the focus, which it does unless told not to. */
export interface EditorTarget {
  line: number;
  column?: number;
  length?: number;
  focus?: boolean;
}

type Callbacks = Pick<EditorProps, "onSave" | "onCursor" | "onView" | "onPlace">;

/** Milliseconds of rest after which a place is told. */
const rest = 400;

const noSettings: EditorSettings = {};
const always = () => true;
const nobody: readonly { id: number; name: string }[] = [];

/** Where each document was scrolled to when it was last shown. */
const scrolled = new WeakMap<object, StateEffect<unknown>>();

export function Editor(props: EditorProps) {
  const {
    document,
    settings = noSettings,
    autoFocus,
    mayFocus = always,
    target,
    place,
    onSave,
    onCursor,
    onView,
    onPlace,
    people = nobody,
    me = 0,
    follow = null,
    className,
  } = props;
  const host = useRef<HTMLDivElement>(null);
  const shownView = useRef<EditorView>(null);
  const callbacks = useRef<Callbacks>({});
  const firstSettings = useRef(settings);
  const firstPlace = useRef(place);
  const focusAsked = useRef(mayFocus);
  const { client } = document;
  const loaded = useSyncExternalStore(client.state.subscribe, () => client.current !== null);

  useEffect(() => {
    callbacks.current = {
      ...(onSave && { onSave }),
      ...(onCursor && { onCursor }),
      ...(onView && { onView }),
      ...(onPlace && { onPlace }),
    };
    firstSettings.current = settings;
    firstPlace.current = place;
    focusAsked.current = mayFocus;
  });

  useEffect(() => {
    const text = client.current?.doc;
    if (host.current === null || text === undefined || !loaded) return;
    const language = languageOf(client.path);
    const keys = keymapOf(firstSettings.current.keymap ?? "default");
    const state = client.configure([
      keymapSlot.of(keys.ready ?? []),
      ofCallbacks(callbacks),
      settingsSlot.of(ofSettings(firstSettings.current, text)),
      languageSlot.of(language?.ready ?? []),
      EditorView.contentAttributes.of({ "aria-label": client.path, tabindex: "0" }),
      peopleSlot.of([]),
      common,
      others,
    ]);
    if (state === null) return;
    const before = scrolled.get(client);
    const back = before === undefined && firstPlace.current ? returnTo(text, firstPlace.current) : null;
    const scrollTo = before ?? back?.scrollTo;
    const view = new EditorView({
      state,
      parent: host.current,
      dispatchTransactions: (transactions) => client.dispatch(transactions),
      ...(scrollTo && { scrollTo }),
    });
    client.attach(view, () => seenIn(view));
    const scrolls = () => client.placeMoved();
    view.scrollDOM.addEventListener("scroll", scrolls, { passive: true });
    if (back) view.dispatch(back.transaction);
    const watch = watchPlace(view, (now) => callbacks.current.onPlace?.(client.path, now));
    shownView.current = view;
    tellCursor(view, callbacks.current);
    callbacks.current.onView?.(view);
    if (language?.ready === null) {
      language.load().then(
        (support) => {
          if (shownView.current !== view) return;
          view.dispatch({ effects: languageSlot.reconfigure(support) });
          // What is declared around the cursor can be told only now.
          tellCursor(view, callbacks.current);
        },
        () => {
          // The chunk did not come (the page is offline): the text has no colours until it is shown again.
        },
      );
    }
    return () => {
      scrolled.set(client, view.scrollSnapshot());
      watch.end();
      view.scrollDOM.removeEventListener("scroll", scrolls);
      client.detach(view);
      callbacks.current.onView?.(null);
      shownView.current = null;
      view.destroy();
    };
  }, [client, loaded]);

  useEffect(() => {
    if (autoFocus === true && loaded && focusAsked.current()) shownView.current?.focus();
  }, [client, loaded, autoFocus]);

  useEffect(() => {
    const view = shownView.current;
    if (view !== null && loaded && target) goTo(view, target, focusAsked.current());
  }, [client, loaded, target]);

  useEffect(() => {
    const names = new Map(people.map(({ id, name }) => [id, name]));
    shownView.current?.dispatch({ effects: peopleSlot.reconfigure(ofPeople({ me, names })) });
  }, [client, loaded, people, me]);

  useEffect(() => {
    if (follow === null || !loaded) return;
    let left = false;
    const goAlong = () =>
      // After the change that told of the move is done.
      queueMicrotask(() => {
        const cursor = client.others.get().findLast(({ person }) => person === follow);
        if (!left && shownView.current !== null && cursor !== undefined) showAs(shownView.current, cursor);
      });
    goAlong();
    const unsubscribe = client.others.subscribe(goAlong);
    return () => {
      left = true;
      unsubscribe();
    };
  }, [client, loaded, follow]);

  const { font, fontSize, tabSize, wrap, keymap: keys = "default" } = settings;
  useEffect(() => {
    const view = shownView.current;
    if (view === null) return;
    const next: EditorSettings = {
      ...(font !== undefined && { font }),
      ...(fontSize !== undefined && { fontSize }),
      ...(tabSize !== undefined && { tabSize }),
      ...(wrap !== undefined && { wrap }),
    };
    view.dispatch({ effects: settingsSlot.reconfigure(ofSettings(next, view.state.doc)) });
  }, [font, fontSize, tabSize, wrap]);

  useEffect(() => {
    const { ready, load } = keymapOf(keys);
    let left = false;
    const apply = (extension: Extension) => {
      if (!left) shownView.current?.dispatch({ effects: keymapSlot.reconfigure(extension) });
    };
    if (ready !== null) apply(ready);
    else
      load().then(apply, () => {
        // The chunk did not come (the page is offline): the default keys stay until the next document.
      });
    return () => {
      left = true;
    };
  }, [client, loaded, keys]);

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
    EditorView.domEventHandlers({
      "dropit-save": () => {
        callbacks.current.onSave?.();
        return true;
      },
    } as Record<string, () => boolean>),
    EditorView.updateListener.of((update) => {
      if (update.selectionSet || update.docChanged) tellCursor(update.view, callbacks.current);
    }),
  ];
}

/** Tells where one is, a moment after a key or a scroll, and at the end. */
function watchPlace(view: EditorView, tell: (place: FilePlace) => void): { end: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const moved = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      tell(placeOf(view));
    }, rest);
  };
  const events = ["scroll", "keyup", "pointerup"] as const;
  for (const event of events) view.scrollDOM.addEventListener(event, moved, { passive: true });
  return {
    end: () => {
      for (const event of events) view.scrollDOM.removeEventListener(event, moved);
      if (timer === undefined) return;
      clearTimeout(timer);
      tell(placeOf(view));
    },
  };
}

/** Lines and columns past the end mean the end. */
function goTo(view: EditorView, { line, column = 1, length = 0, focus = true }: EditorTarget, mayFocus: boolean) {
  const { doc } = view.state;
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  const head = Math.min(to, from + Math.max(0, column - 1));
  const end = Math.min(doc.length, head + length);
  view.dispatch({ selection: { anchor: end, head }, effects: EditorView.scrollIntoView(head, { y: "center" }) });
  if (focus && mayFocus) view.focus();
}

function tellCursor(view: EditorView, { onCursor }: Callbacks) {
  if (onCursor === undefined) return;
  const { doc, selection } = view.state;
  const line = doc.lineAt(selection.main.head);
  const selected = selection.ranges.reduce((sum, range) => sum + range.to - range.from, 0);
  onCursor({ line: line.number, column: selection.main.head - line.from + 1, selected });
}
