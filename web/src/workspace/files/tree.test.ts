import { expect, test } from "vitest";
import type { FileEntry } from "@/connection";
import { ancestors, emptyTree, forgotten, nameFault, rows, stale, withListing, withOpen, type Tree } from "./tree";

const entry = (name: string, kind: FileEntry["kind"] = "file"): FileEntry => ({
  name,
  kind,
  size: 1,
  modified: 0,
  ignored: false,
});
const ready = (...entries: FileEntry[]) => ({ state: "ready", entries, truncated: false }) as const;

const tree: Tree = withListing(
  withOpen(withListing(emptyTree, "", ready(entry("src", "folder"), entry("a.ts"))), "src", true),
  "src",
  ready(entry("lib", "folder"), entry("b.ts")),
);

const paths = (value: Tree) => rows(value).map((row) => (row.kind === "entry" ? row.path : `(${row.text})`));

test("open folders show what is in them, in place", () => {
  expect(paths(tree)).toEqual(["src", "src/lib", "src/b.ts", "a.ts"]);
});

test("an open folder that is not known yet says that it loads", () => {
  expect(paths(withOpen(tree, "src/lib", true))).toEqual(["src", "src/lib", "(Loading)", "src/b.ts", "a.ts"]);
});

test("rows know their place among their siblings", () => {
  expect(rows(tree)[2]).toMatchObject({ position: 2, count: 2, depth: 1 });
});

test("only folders that can be seen are asked for again", () => {
  const known = withListing(tree, "src/lib", ready());
  expect(stale(known, ["src", "src/lib", "other"])).toEqual(["src"]);
  expect(stale(known, ["*"])).toEqual(["", "src"]);
});

test("changed folders that are closed are forgotten", () => {
  const known = withListing(tree, "src/lib", ready());
  expect([...forgotten(known, ["src/lib"]).folders.keys()]).toEqual(["", "src"]);
  expect([...forgotten(known, ["*"]).folders.keys()]).toEqual(["", "src"]);
});

test("ancestors come outermost first", () => expect(ancestors("a/b/c.ts")).toEqual(["a", "a/b"]));

test("names that cannot be are refused in words", () => {
  expect(nameFault("ok.ts")).toBeNull();
  expect(nameFault("new/folder/ok.ts")).toBeNull();
  expect(nameFault("")).toMatch(/needed/);
  expect(nameFault("../x")).toMatch(/not names/);
  expect(nameFault("a//b")).toMatch(/no name/);
  expect(nameFault("x".repeat(256))).toMatch(/255/);
});
