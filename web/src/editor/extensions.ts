import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completeAnyWord,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import type { Extension, Text } from "@codemirror/state";
import { Compartment, EditorState } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import { pressHeld } from "@/keys/press";
import { indentationOf } from "./indentation";
import type { KeymapName } from "./keymaps";
import { theme } from "./theme";

export interface EditorSettings {
  /** A font family; the page's own when empty or left out. */
  font?: string;
  /** Pixels; 13 when left out. */
  fontSize?: number;
  /** Columns of a tab, and of one step of indentation when the file does not show its own; 2 when left out. */
  tabSize?: number;
  /** Breaks long lines at the edge. */
  wrap?: boolean;
  /** Whose keys the editor has; the default ones when left out. */
  keymap?: KeymapName;
}

/** What of an editor changes while it shows a document. */
export const languageSlot = new Compartment();
export const settingsSlot = new Compartment();
export const peopleSlot = new Compartment();
/** Ahead of all other keys. */
export const keymapSlot = new Compartment();

/** What every document's editor has. */
export const common: Extension = [
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  foldGutter(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  crosshairCursor(),
  highlightActiveLine(),
  highlightSelectionMatches({ minSelectionLength: 2 }),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  autocompletion(),
  EditorState.languageData.of(() => [{ autocomplete: completeAnyWord }]),
  search({ top: true }),
  theme,
  // A character with Ctrl of the key bar held is a key.
  EditorView.inputHandler.of((view, _from, _to, text) => pressHeld(view.contentDOM, text)),
  // The clipboard's line ends are not the document's.
  EditorView.clipboardInputFilter.of((text) => text.replace(/\r\n?/g, "\n")),
  // Tab indents; after Escape it leaves the editor, so that the keyboard alone gets out (EditorView does that).
  keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...searchKeymap,
    ...historyKeymap,
    ...foldKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
];

export function ofSettings(settings: EditorSettings, text: Text): Extension {
  const tabSize = settings.tabSize ?? 2;
  return [
    EditorState.tabSize.of(tabSize),
    indentUnit.of(indentationOf(text, tabSize)),
    EditorView.theme({
      "&": { fontSize: `${settings.fontSize ?? 13}px` },
      ...(settings.font && { ".cm-scroller": { fontFamily: `${settings.font}, var(--font-mono, monospace)` } }),
    }),
    settings.wrap === true ? EditorView.lineWrapping : [],
  ];
}
