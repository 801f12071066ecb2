import { describe, expect, test } from "vitest";
import { closed, hint, moved, neighbour, noTabs, opened, pinned } from "./tabs";

const three = ["a", "b", "c"].reduce((tabs, path) => opened(tabs, path), noTabs);

describe("opening", () => {
  test("a file opens to the right of the active one", () => {
    expect(opened({ ...three, active: "a" }, "x").paths).toEqual(["a", "x", "b", "c"]);
  });
  test("a preview takes the place of the preview before it", () => {
    const tabs = opened(opened(three, "x", { preview: true }), "y", { preview: true });
    expect(tabs.paths).toEqual(["a", "b", "c", "y"]);
    expect(tabs.preview).toBe("y");
  });
  test("a preview that is opened for good stays", () => {
    const tabs = opened(opened(three, "x", { preview: true }), "x");
    expect(opened(tabs, "y", { preview: true }).paths).toEqual(["a", "b", "c", "x", "y"]);
  });
  test("a pinned preview stays", () => {
    const tabs = pinned(opened(three, "x", { preview: true }), "x");
    expect(opened(tabs, "y", { preview: true }).paths).toContain("x");
  });
});

describe("closing", () => {
  test("the file shown last before it is shown", () => {
    const tabs = opened(opened(three, "a"), "c");
    expect(closed(tabs, "c").active).toBe("a");
  });
  test("closing another leaves the active one", () => expect(closed(three, "a").active).toBe("c"));
  test("the last one leaves nothing", () => expect(closed(opened(noTabs, "a"), "a").active).toBeNull());
});

test("a moved folder takes its open files along", () => {
  const tabs = moved(opened(opened(noTabs, "src/a.ts"), "src2/b.ts"), "src", "lib/src");
  expect(tabs.paths).toEqual(["lib/src/a.ts", "src2/b.ts"]);
});

test("neighbours go round the end", () => {
  expect(neighbour(three, 1)).toBe("a");
  expect(neighbour(three, -1)).toBe("b");
  expect(neighbour(noTabs, 1)).toBeNull();
});

test("files of one name are told apart by their folders", () => {
  const paths = ["src/app/index.ts", "src/home/index.ts", "index.ts", "main.ts"];
  expect(hint(paths, "src/app/index.ts")).toBe("app");
  expect(hint(paths, "index.ts")).toBe("/");
  expect(hint(paths, "main.ts")).toBe("");
});
