import type { ChangeDesc } from "@codemirror/state";
import { StateEffect, StateField } from "@codemirror/state";
import type { ByteReader } from "@/connection";
import { ByteWriter, FrameError } from "@/connection";

/** What is selected, in UTF-16 units; a caret is a range without length. */
export interface CursorRange {
  anchor: number;
  head: number;
}

/** Where a page is in a document: what it sees of it, and its ranges, the main one first. */
export interface CursorPlace {
  top: number;
  bottom: number;
  ranges: readonly CursorRange[];
}

/** Where another page is. */
export interface OtherCursor extends CursorPlace {
  /** The runner's number of its editor, as in updates. */
  author: number;
  /** Whose it is: the number of the user, as in the list of who is here. */
  person: number;
  /** Counts its own moves: told of another place, or typing. What others write moves it along and counts as none. */
  moves: number;
}

/** Ranges that a page tells of; the runner takes no more. */
export const maxRanges = 16;

/** What the page says of its own place. */
export function encodeCursor(version: number, { top, bottom, ranges }: CursorPlace): Uint8Array {
  const writer = new ByteWriter(32).varint(version).varint(top).varint(bottom);
  for (const { anchor, head } of ranges.slice(0, maxRanges)) writer.varint(anchor).varint(head);
  return writer.done();
}

/** What the runner says of others, behind the version: null for who is nowhere in the document any more. */
export function decodeCursors(reader: ByteReader): { author: number; person: number; place: CursorPlace | null }[] {
  const told = [];
  while (!reader.atEnd) {
    const author = reader.varint();
    const person = reader.varint();
    let count = reader.varint();
    if (count > maxRanges) throw new FrameError(`a cursor of ${count} ranges`);
    if (count === 0) {
      told.push({ author, person, place: null });
      continue;
    }
    const [top, bottom] = [reader.varint(), reader.varint()];
    const ranges: CursorRange[] = [];
    for (; count > 0; count--) ranges.push({ anchor: reader.varint(), head: reader.varint() });
    told.push({ author, person, place: { top, bottom, ranges } });
  }
  return told;
}

/**
 * A place after a change. Of its own change a caret stands behind what was typed; of others' it stays ahead of it, and a selection does not
 * grow by what they write at its ends. The runner does the same (DocumentCursor).
 */
export function movedOver({ top, bottom, ranges }: CursorPlace, changes: ChangeDesc, own: boolean): CursorPlace {
  return {
    top: changes.mapPos(top, -1),
    bottom: changes.mapPos(bottom, 1),
    ranges: ranges.map(({ anchor, head }) => {
      if (own || anchor === head) {
        const side = own ? 1 : -1;
        return { anchor: changes.mapPos(anchor, side), head: changes.mapPos(head, side) };
      }
      const from = changes.mapPos(Math.min(anchor, head), 1);
      const to = Math.max(from, changes.mapPos(Math.max(anchor, head), -1));
      return anchor < head ? { anchor: from, head: to } : { anchor: to, head: from };
    }),
  };
}

/** Others are at these places now; places of who is not named stay. */
export const tellCursors =
  StateEffect.define<readonly { author: number; person: number; place: CursorPlace | null }[]>();

/** Nothing is known of others any more. */
export const forgetCursors = StateEffect.define();

/** Goes with an update that came from the runner: the number of its author. */
export const authorOf = StateEffect.define<number>();

/** Where others are, in the text as it is here, what is not confirmed included. */
export const othersField = StateField.define<readonly OtherCursor[]>({
  create: () => [],
  update(others, transaction) {
    let author: number | null = null;
    for (const effect of transaction.effects) if (effect.is(authorOf)) author = effect.value;
    if (transaction.docChanged && others.length > 0) {
      const { changes } = transaction;
      others = others.map((one) => {
        const own = one.author === author;
        return { ...one, ...movedOver(one, changes, own), moves: own ? one.moves + 1 : one.moves };
      });
    }
    for (const effect of transaction.effects) {
      if (effect.is(forgetCursors)) others = others.length === 0 ? others : [];
      else if (effect.is(tellCursors)) others = told(others, effect.value);
    }
    return others;
  },
});

function told(
  before: readonly OtherCursor[],
  news: readonly { author: number; person: number; place: CursorPlace | null }[],
): readonly OtherCursor[] {
  const byAuthor = new Map(before.map((one) => [one.author, one]));
  for (const { author, person, place } of news) {
    const moves = (byAuthor.get(author)?.moves ?? 0) + 1;
    // Last is who moved last.
    byAuthor.delete(author);
    if (place !== null) byAuthor.set(author, { ...place, author, person, moves });
  }
  return [...byAuthor.values()];
}
