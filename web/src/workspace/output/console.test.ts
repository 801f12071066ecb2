import { expect, test } from "vitest";
import { maxEntries, messageOf, portOf, withEntry, type Entry } from "./console";

test("what a preview posts is read strictly", () => {
  expect(messageOf({ dropit: "preview", kind: "entry", level: "warn", text: "x" })).toEqual({
    kind: "entry",
    level: "warn",
    text: "x",
    source: null,
  });
  expect(messageOf({ dropit: "preview", kind: "entry", level: "shout", text: "x" })).toBeNull();
  expect(messageOf({ dropit: "preview", kind: "page", path: "//evil" })).toMatchObject({
    path: "//evil",
    empty: false,
  });
  expect(messageOf({ dropit: "preview", kind: "page", path: "javascript:1" })).toBeNull();
  expect(messageOf("text")).toBeNull();
  expect(messageOf({ kind: "entry", level: "log", text: "x" })).toBeNull();
});
test("a line that repeats counts, and the oldest go", () => {
  let entries: Entry[] = [];
  entries = withEntry(entries, { level: "log", text: "a", source: null });
  entries = withEntry(entries, { level: "log", text: "a", source: null });
  expect(entries).toEqual([{ id: 1, level: "log", text: "a", source: null, count: 2 }]);
  for (let i = 0; i < 2 * maxEntries; i++)
    entries = withEntry(entries, { level: "log", text: String(i), source: null });
  expect(entries).toHaveLength(maxEntries);
  expect(entries.at(-1)?.text).toBe(String(2 * maxEntries - 1));
});
test("only this workspace's previews speak", () => {
  expect(portOf("http://3000--abc123.localhost:7700", "abc123")).toBe(3000);
  expect(portOf("http://3000--other1.localhost:7700", "abc123")).toBeNull();
  expect(portOf("http://abc123.localhost:7700", "abc123")).toBeNull();
  expect(portOf("null", "abc123")).toBeNull();
});
