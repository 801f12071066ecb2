import { describe, expect, test } from "vitest";
import type { SearchMatch } from "@/connection";
import { countOf, nextMatch, partsOf, rowsOf, withFiles, without } from "./found";
import { globsOf, queryOf } from "./search";

const match = (line: number, column = 1, text = "x"): SearchMatch => ({ line, column, length: 1, text, at: 0 });
const found = withFiles(
  [{ path: "b", matches: [match(1), match(3)], more: false }],
  [{ path: "a", matches: [match(2)], more: false }],
);

test("files are in the order of their paths, however they come in", () => {
  expect(found.map(({ path }) => path)).toEqual(["a", "b"]);
  expect(countOf(found)).toBe(3);
});

test("a match that is taken out takes its file along when it was the only one", () => {
  const first = found[0]?.matches[0];
  expect(without(found, "a", first).map(({ path }) => path)).toEqual(["b"]);
  expect(without(found, "b").map(({ path }) => path)).toEqual(["a"]);
});

test("a closed file shows no matches", () => {
  expect(rowsOf(found, new Set(["b"])).map(({ kind }) => kind)).toEqual(["file", "match", "file"]);
});

describe("a line", () => {
  test("is shown without its indentation", () => {
    expect(partsOf({ ...match(1, 5, "    xy"), at: 4 })).toEqual({ before: "", match: "x", after: "y" });
  });
  test("is cut in front when the match is far", () => {
    const { before } = partsOf({ ...match(1, 61, `${"a".repeat(60)}x`), at: 60 });
    expect(before.length).toBeLessThan(30);
  });
});

describe("going from match to match", () => {
  const at = (step: 1 | -1, path?: string, line = 1, column = 1) => {
    const next = nextMatch(found, path === undefined ? null : { path, line, column }, step);
    return `${next?.path}:${next?.match.line}`;
  };
  test("begins at the first", () => expect(at(1)).toBe("a:2"));
  test("goes on behind the cursor", () => expect(at(1, "a", 2, 2)).toBe("b:1"));
  test("leaves the one that the cursor is on", () => expect(at(1, "b", 1, 1)).toBe("b:3"));
  test("goes round the end", () => {
    expect(at(1, "b", 3, 2)).toBe("a:2");
    expect(at(-1, "a", 2, 1)).toBe("b:3");
  });
  test("goes back", () => expect(at(-1, "b", 3, 1)).toBe("b:1"));
});

test("globs are parted by commas, but not within braces", () => {
  expect(globsOf(" src, *.{ts,tsx} ,,")).toEqual(["src", "*.{ts,tsx}"]);
});

test("an empty field asks for nothing", () => {
  const form = {
    text: "",
    replacement: "",
    replacing: false,
    regex: true,
    word: false,
    matchCase: false,
    include: "",
    exclude: "",
    all: false,
  };
  expect(queryOf(form)).toBeNull();
  expect(queryOf({ ...form, text: "a" })).toEqual({ text: "a", case: "smart", regex: true });
});
