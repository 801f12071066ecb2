import { ChangeSet, EditorSelection, EditorState } from "@codemirror/state";
import { expect, it } from "vitest";
import { ByteReader } from "@/connection";
import {
  authorOf,
  decodeCursors,
  encodeCursor,
  forgetCursors,
  maxRanges,
  movedOver,
  othersField,
  tellCursors,
} from "./cursors";
import { randomFrom } from "./testing/random";

const text = "one two three";
const change = (from: number, to: number, insert: string) => ChangeSet.of({ from, to, insert }, text.length);
const at = (anchor: number, head = anchor) => ({ top: 0, bottom: text.length, ranges: [{ anchor, head }] });
const range = (place: ReturnType<typeof movedOver>) => place.ranges.map(({ anchor, head }) => [anchor, head])[0];

it("A caret stands behind what its person types, and ahead of what others insert at it", () => {
  expect(range(movedOver(at(4), change(4, 4, "and "), true))).toEqual([8, 8]);
  expect(range(movedOver(at(4), change(4, 4, "and "), false))).toEqual([4, 4]);
  expect(range(movedOver(at(4), change(0, 4, ""), true))).toEqual([0, 0]);
});

it("A selection keeps its direction and does not grow by what others write at its ends", () => {
  expect(range(movedOver(at(7, 4), change(4, 4, "x"), false))).toEqual([8, 5]);
  expect(range(movedOver(at(7, 4), change(7, 7, "x"), false))).toEqual([7, 4]);
  expect(range(movedOver(at(4, 7), change(2, 9, "abc"), false))).toEqual([5, 5]);
});

it("Others' places move as CodeMirror moves its own selection", () => {
  const random = randomFrom(7);
  for (let i = 0; i < 2_000; i++) {
    const [anchor, head] = [random(text.length + 1), random(text.length + 1)];
    const [a, b] = [random(text.length + 1), random(text.length + 1)];
    const changes = change(Math.min(a, b), Math.max(a, b), "xyz".slice(random(4)));
    const own = EditorSelection.single(anchor, head).map(changes).main;
    const moved = movedOver(at(anchor, head), changes, false).ranges[0];
    // Where all of a selection is replaced, CodeMirror turns it round: here it becomes a caret.
    if (own.empty || own.anchor < own.head === anchor < head)
      expect([moved?.anchor, moved?.head]).toEqual([own.anchor, own.head]);
    else expect(moved?.anchor).toBe(moved?.head);
  }
});

it("What is told of others replaces what was, moves along with the text, and is forgotten", () => {
  const tell = (author: number, anchor: number | null) =>
    tellCursors.of([{ author, person: 10 + author, place: anchor === null ? null : at(anchor) }]);
  const seen = () =>
    state.field(othersField).map(({ author, person, ranges, moves }) => [author, person, ranges[0]?.head, moves]);
  let state = EditorState.create({ doc: text, extensions: othersField });
  state = state.update({ effects: [tell(2, 4), tell(3, 4)] }).state;
  expect(seen()).toEqual([
    [2, 12, 4, 1],
    [3, 13, 4, 1],
  ]);

  // An update by 2 comes in: its caret goes along, which is a move of its own.
  state = state.update({ changes: { from: 4, insert: "x" }, effects: authorOf.of(2) }).state;
  expect(seen()).toEqual([
    [2, 12, 5, 2],
    [3, 13, 4, 1],
  ]);

  // Typed here, ahead of both.
  state = state.update({ changes: { from: 0, insert: "> " } }).state;
  expect(seen()).toEqual([
    [2, 12, 7, 2],
    [3, 13, 6, 1],
  ]);
  state = state.update({ effects: tell(2, 0) }).state;
  expect(seen()).toEqual([
    [3, 13, 6, 1],
    [2, 12, 0, 3],
  ]); // last is who moved last
  state = state.update({ effects: tell(3, null) }).state;
  expect(seen()).toEqual([[2, 12, 0, 3]]);
  state = state.update({ effects: forgetCursors.of(null) }).state;
  expect(seen()).toEqual([]);
});

it("A page tells of no more ranges than the runner takes", () => {
  const ranges = Array.from({ length: maxRanges + 5 }, (_, i) => ({ anchor: i, head: i }));
  const from = new ByteReader(encodeCursor(0, { top: 0, bottom: 13, ranges }));
  for (let i = 0; i < 3 + 2 * maxRanges; i++) from.varint();
  expect(from.atEnd).toBe(true);
  expect(() => decodeCursors(new ByteReader(Uint8Array.of(2, 1, maxRanges + 1)))).toThrow("ranges");
});
