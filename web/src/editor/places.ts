import { foldEffect, foldedRanges } from "@codemirror/language";
import type { StateEffect, Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

/** Where one was in a file: lines and columns from 1. */
export interface FilePlace {
  /** The cursor. */
  line: number;
  column: number;
  /** The first line that is seen. */
  top: number;
  /** What is folded: line and column of its beginning and of its end. */
  folds: [fromLine: number, fromColumn: number, toLine: number, toColumn: number][];
}

/** Where one is now. */
export function placeOf(view: EditorView): FilePlace {
  const { doc, selection } = view.state;
  const [line, column] = at(doc, selection.main.head);
  const folds: FilePlace["folds"] = [];
  foldedRanges(view.state).between(0, doc.length, (from, to) => {
    folds.push([...at(doc, from), ...at(doc, to)]);
  });
  const seen = view.lineBlockAtHeight(view.scrollDOM.scrollTop);
  return { line, column, top: doc.lineAt(Math.min(seen.from, doc.length)).number, folds };
}

/** What brings the view to a place; of a text that has changed since, to what is there now. */
export function returnTo(doc: Text, place: FilePlace) {
  const effects: StateEffect<unknown>[] = [];
  for (const [fromLine, fromColumn, toLine, toColumn] of place.folds) {
    const from = offset(doc, fromLine, fromColumn);
    const to = offset(doc, toLine, toColumn);
    if (from < to) effects.push(foldEffect.of({ from, to }));
  }
  const top = offset(doc, place.top, 1);
  return {
    scrollTo: EditorView.scrollIntoView(top, { y: "start", yMargin: 0 }),
    transaction: { selection: { anchor: offset(doc, place.line, place.column) }, effects },
  };
}

function at(doc: Text, position: number): [line: number, column: number] {
  const line = doc.lineAt(position);
  return [line.number, position - line.from + 1];
}

function offset(doc: Text, line: number, column: number): number {
  const { from, to } = doc.line(Math.min(Math.max(1, line), doc.lines));
  return Math.min(to, from + Math.max(0, column - 1));
}
