import { expect, test } from "vitest";
import { freeName, noSelection, only, ranged, roots, toggled } from "./selection";

const rows = ["a", "a/b", "a/c", "d", "e"];

test("Ctrl takes a row in and out again", () => {
  const both = toggled(only("a"), "d");
  expect([...both.paths]).toEqual(["a", "d"]);
  expect([...toggled(both, "a").paths]).toEqual(["d"]);
});

test("Shift takes all from where the range began, both ways", () => {
  const down = ranged(only("a/b"), "d", rows);
  expect([...down.paths]).toEqual(["a/b", "a/c", "d"]);
  expect([...ranged(down, "a", rows).paths]).toEqual(["a", "a/b"]);
  expect([...ranged(noSelection, "e", rows).paths]).toEqual(["e"]);
});

test("a range whose beginning is no longer shown starts anew", () =>
  expect([...ranged(only("gone"), "d", rows).paths]).toEqual(["d"]));

test("what lies in a chosen folder goes with it", () =>
  expect(roots(["a/b", "a", "ab", "d/e"])).toEqual(["a", "ab", "d/e"]));

test.each([
  [[], "a.ts", "a.ts"],
  [["a.ts"], "a.ts", "a copy.ts"],
  [["a.ts", "a copy.ts"], "a.ts", "a copy 2.ts"],
  [["a copy.ts"], "a copy.ts", "a copy 2.ts"],
  [[".env"], ".env", ".env copy"],
  [["src"], "src", "src copy"],
])("beside %j, %s is called %s", (taken, name, free) => {
  expect(freeName(new Set(taken), name)).toBe(free);
});
