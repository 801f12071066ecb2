import { describe, expect, test } from "vitest";
import { fuzzy, fuzzyPath, placeOf } from "./fuzzy";

const best = (query: string, paths: string[]) =>
  paths
    .flatMap((path) => {
      const hit = fuzzyPath(query, path);
      return hit ? [{ path, score: hit.score }] : [];
    })
    .sort((a, b) => b.score - a.score)[0]?.path;

describe("a fuzzy match", () => {
  test("needs every letter in order", () => {
    expect(fuzzy("abc", "a-b-c")).not.toBeNull();
    expect(fuzzy("acb", "abc")).toBeNull();
  });
  test("takes the beginnings of words over earlier letters", () => {
    expect(fuzzy("of", "proofOpenFiles")?.positions).toEqual([5, 9]);
  });
  test("takes letters that follow each other", () => {
    expect(fuzzy("tab", "text about tabs")?.positions).toEqual([11, 12, 13]);
  });
  test("takes words in any order", () => expect(fuzzy("tab close", "Close the tab")).not.toBeNull());
  test("of nothing fits everything", () => expect(fuzzy("", "x")).toEqual({ score: 0, positions: [] }));
});

describe("among paths", () => {
  test("a name is better than a folder", () => {
    expect(best("button", ["src/button/index.ts", "src/ui/Button.tsx"])).toBe("src/ui/Button.tsx");
  });
  test("folders count when they are typed", () => {
    expect(best("button/in", ["src/button/index.ts", "src/ui/Button.tsx"])).toBe("src/button/index.ts");
  });
  test("the beginning of a name is better than its middle", () => {
    expect(best("app", ["src/wrapper.ts", "src/App.tsx"])).toBe("src/App.tsx");
  });
});

test("a line and a column may follow a path", () => {
  expect(placeOf("app.ts:12")).toEqual({ query: "app.ts", line: 12 });
  expect(placeOf("src/app.ts:12:5")).toEqual({ query: "src/app.ts", line: 12, column: 5 });
  expect(placeOf("app.ts(12,5)")).toEqual({ query: "app.ts", line: 12, column: 5 });
  expect(placeOf("app.ts:")).toEqual({ query: "app.ts" });
  expect(placeOf("app.ts")).toEqual({ query: "app.ts" });
  expect(placeOf(":7")).toEqual({ query: "", line: 7 });
});
