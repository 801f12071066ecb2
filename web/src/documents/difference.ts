import type { Text } from "@codemirror/state";
import { ChangeSet } from "@codemirror/state";

/** Lines of a changed stretch, on each side, up to which it is looked into; past it the stretch is replaced whole. */
const maxLines = 20_000;

interface Change {
  from: number;
  to: number;
  insert: string;
}

/**
 * What turns one text into another, in pieces as small as whole lines that stayed the same allow; a piece begins and
 * ends at its first and last different character. So a cursor beside it stays where it is.
 */
export function difference(before: Text, after: Text): ChangeSet {
  const changes: Change[] = [];
  if (!before.eq(after)) compare(before.toString(), after.toString(), changes);
  return ChangeSet.of(changes, before.length, "\n");
}

function compare(before: string, after: string, changes: Change[]): void {
  const [start, endBefore, endAfter] = trim(before, after);
  // From the start of the line, so that whole lines are compared.
  const from = start === 0 ? 0 : before.lastIndexOf("\n", start - 1) + 1;
  const old = before.slice(from, endBefore).split("\n");
  const now = after.slice(from, endAfter).split("\n");
  if (old.length > maxLines || now.length > maxLines) {
    push(changes, from, old, now, 0, old.length, 0, now.length);
    return;
  }
  let oldAt = 0;
  let nowAt = 0;
  let offset = from;
  for (const [o, n] of common(old, now)) {
    offset = push(changes, offset, old, now, oldAt, o, nowAt, n) + lengthOf(old, o);
    oldAt = o + 1;
    nowAt = n + 1;
  }
  push(changes, offset, old, now, oldAt, old.length, nowAt, now.length);
}

function lengthOf(lines: string[], index: number): number {
  const length = lines[index]?.length ?? 0;
  return index < lines.length - 1 ? length + 1 : length;
}

// Adds the change of lines [o1, o2) into [n1, n2) at `offset`; answers the offset behind them.
function push(
  changes: Change[],
  offset: number,
  old: string[],
  now: string[],
  o1: number,
  o2: number,
  n1: number,
  n2: number,
): number {
  const part = (lines: string[], from: number, to: number) =>
    from === to ? "" : lines.slice(from, to).join("\n") + (to < lines.length ? "\n" : "");
  const before = part(old, o1, o2);
  const after = part(now, n1, n2);
  if (before !== after) {
    const [start, endBefore, endAfter] = trim(before, after);
    changes.push({ from: offset + start, to: offset + endBefore, insert: after.slice(start, endAfter) });
  }
  return offset + before.length;
}

// Where two strings begin to differ, and where in each the common end starts. Never inside a surrogate pair.
function trim(before: string, after: string): [number, number, number] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  if (start > 0 && isHigh(before.charCodeAt(start - 1))) start--;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end++;
  }
  if (end > 0 && isLow(before.charCodeAt(before.length - end))) end--;
  return [start, before.length - end, after.length - end];
}

const isHigh = (unit: number) => (unit & 0xfc00) === 0xd800;
const isLow = (unit: number) => (unit & 0xfc00) === 0xdc00;

// Pairs of line numbers that stayed, growing on both sides: lines that are unique on both sides (as in a patience diff),
// then their equal neighbours.
function common(old: string[], now: string[]): [number, number][] {
  const unique = (lines: string[]) => {
    const at = new Map<string, number>();
    lines.forEach((line, i) => at.set(line, at.has(line) ? -1 : i));
    return at;
  };
  const inNow = unique(now);
  const anchors: [number, number][] = [];
  for (const [line, o] of unique(old)) {
    const n = inNow.get(line);
    // The last line of a stretch has no line end of its own, so it only matches the other side's last.
    if (o >= 0 && n !== undefined && n >= 0 && (o === old.length - 1) === (n === now.length - 1)) anchors.push([o, n]);
  }
  const pairs: [number, number][] = [];
  let [oldAt, nowAt] = [0, 0];
  const last: [number, number] = [old.length, now.length];
  for (const [o, n] of [...longestGrowing(anchors), last]) {
    const isLast = (a: number, b: number) => (a === old.length - 1) !== (b === now.length - 1);
    const head: [number, number][] = [];
    let [a, b] = [oldAt, nowAt];
    while (a < o && b < n && old[a] === now[b] && !isLast(a, b)) head.push([a++, b++]);
    const tail: [number, number][] = [];
    let [c, d] = [o - 1, n - 1];
    while (c >= a && d >= b && old[c] === now[d] && !isLast(c, d)) tail.push([c--, d--]);
    pairs.push(...head, ...tail.reverse());
    if (o < old.length) pairs.push([o, n]);
    [oldAt, nowAt] = [o + 1, n + 1];
  }
  return pairs;
}

// The longest run of pairs, sorted by their first number, whose second numbers grow.
function longestGrowing(pairs: [number, number][]): [number, number][] {
  const ends: number[] = []; // ends[k]: the pair that ends the best run of length k + 1
  const previous: number[] = [];
  pairs.forEach(([, n], i) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[ends[middle] ?? 0]?.[1] ?? 0) < n) low = middle + 1;
      else high = middle;
    }
    previous[i] = low === 0 ? -1 : (ends[low - 1] ?? -1);
    ends[low] = i;
  });
  const run: [number, number][] = [];
  for (let i = ends.at(-1) ?? -1; i >= 0; i = previous[i] ?? -1) {
    const pair = pairs[i];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}
