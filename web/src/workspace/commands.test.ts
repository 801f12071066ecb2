import { expect, test } from "vitest";
import { commandOf } from "./commands";

const press = (key: string, held: string[] = [], code = "") => ({
  key,
  code,
  ctrlKey: held.includes("ctrl"),
  metaKey: held.includes("meta"),
  shiftKey: held.includes("shift"),
  altKey: held.includes("alt"),
});

test("shift tells the palette from quick open", () => {
  expect(commandOf(press("p", ["ctrl"]), "text")).toBe("find-file");
  expect(commandOf(press("P", ["ctrl", "shift"]), "text")).toBe("palette");
  expect(commandOf(press("p", ["meta"]), "text")).toBe("find-file");
});

test("a shell keeps its own keys", () => {
  expect(commandOf(press("p", ["ctrl"]), "terminal")).toBeNull();
  expect(commandOf(press("b", ["ctrl"]), "terminal")).toBeNull();
  expect(commandOf(press("`", ["ctrl"], "Backquote"), "terminal")).toBe("toggle-terminal");
});

test("a question mark in a text is a question mark", () => {
  expect(commandOf(press("?", ["shift"]), "text")).toBeNull();
  expect(commandOf(press("?", ["shift"]), "elsewhere")).toBe("shortcuts");
});

test("keys that other layouts and Alt change are known by their place", () => {
  expect(commandOf(press("Ω", ["alt"], "KeyZ"), "text")).toBe("wrap");
  expect(commandOf(press("~", ["ctrl", "shift"], "Backquote"), "elsewhere")).toBe("new-terminal");
});

test("an editor with the keys of another keeps those", () => {
  expect(commandOf(press("p", ["ctrl"]), "emacs")).toBeNull();
  expect(commandOf(press("p", ["ctrl"]), "vim")).toBe("find-file");
  expect(commandOf(press("e", ["ctrl"]), "vim")).toBeNull();
  expect(commandOf(press("P", ["ctrl", "shift"]), "emacs")).toBe("palette");
  expect(commandOf(press("?", ["shift"]), "vim")).toBeNull();
});

test("Alt-W in the search is a switch of it", () => {
  expect(commandOf(press("w", ["alt"]), "search")).toBeNull();
  expect(commandOf(press("w", ["alt"]), "text")).toBe("close-tab");
});

test("plain typing is no command", () => expect(commandOf(press("p"), "text")).toBeNull());
