import { expect, test } from "vitest";
import { HeldModifiers, modified, tapped } from "./modifiers";

const ctrl = { ctrl: "next", alt: "off" } as const;

test("one tap holds for a key, a second at once locks, a later one lets go", () => {
  expect(tapped("off", Infinity)).toBe("next");
  expect(tapped("next", 200)).toBe("locked");
  expect(tapped("next", 900)).toBe("off");
  expect(tapped("locked", 100)).toBe("off");
});

test.each([
  ["c", "\x03"],
  ["C", "\x03"],
  ["[", "\x1b"],
  ["\\", "\x1c"],
  ["_", "\x1f"],
  [" ", "\0"],
  ["?", "\x7f"],
  ["\x7f", "\b"],
  ["é", "é"],
])("Ctrl and %j are %j", (character, sent) => expect(modified(character, ctrl)).toBe(sent));

test("Alt puts Escape ahead, of a control character too", () => {
  expect(modified("b", { ctrl: "off", alt: "next" })).toBe("\x1bb");
  expect(modified("c", { ctrl: "next", alt: "locked" })).toBe("\x1b\x03");
});

test("held for one key: the next one is as it is typed", () => {
  const held = new HeldModifiers();
  held.tap("ctrl", 0);
  expect(held.type("c")).toBe("\x03");
  expect(held.type("c")).toBe("c");
});

test("locked: every key, until the next tap", () => {
  const held = new HeldModifiers();
  held.tap("ctrl", 0);
  held.tap("ctrl", 100);
  expect(held.type("a") + held.type("b")).toBe("\x01\x02");
  held.tap("ctrl", 200);
  expect(held.type("a")).toBe("a");
});

test("a tap on the other modifier between two taps locks nothing", () => {
  const held = new HeldModifiers();
  held.tap("ctrl", 0);
  held.tap("alt", 50);
  held.tap("ctrl", 100);
  expect(held.state.get()).toEqual({ ctrl: "off", alt: "next" });
});

test("pasted text and what the emulator answers use nothing up", () => {
  const held = new HeldModifiers();
  held.tap("ctrl", 0);
  expect(held.type("\x1b[1;1R")).toBe("\x1b[1;1R");
  expect(held.type("ls -l")).toBe("ls -l");
  expect(held.any).toBe(true);
});
