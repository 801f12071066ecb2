import { expect, test } from "vitest";
import { valid, validForWorkspace } from "./settings";

test("what is no setting, or out of bounds, is left out", () => {
  expect(valid({ fontSize: 14, tabSize: 99, wrap: "yes", keymap: "vim", other: 1 })).toEqual({
    fontSize: 14,
    keymap: "vim",
  });
  expect(valid("text")).toEqual({});
  expect(valid(null)).toEqual({});
});

test("a font cannot bring style along", () => {
  expect(valid({ font: "Fira Code, monospace" })).toEqual({ font: "Fira Code, monospace" });
  expect(valid({ font: "x; } body { display: none" })).toEqual({});
});

test("a workspace does not choose anyone's theme", () => {
  expect(validForWorkspace({ theme: "dark", tabSize: 4 })).toEqual({ tabSize: 4 });
});
