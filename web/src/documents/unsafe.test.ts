import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { toText } from "./changes";
import { originOf } from "./incarnation";
import { Unsafe } from "./unsafe";

/** "ab" becomes "a1b", by someone else "Xa1b", "Xa1b2" and by someone else "Xa1b2" less its "b". */
function typed(): Unsafe {
  const unsafe = new Unsafe(toText("ab"));
  unsafe.add({ changes: ChangeSet.of({ from: 1, insert: "1" }, 2), own: true }, 8);
  unsafe.add({ changes: ChangeSet.of({ from: 0, insert: "X" }, 3), own: false }, 9);
  unsafe.add({ changes: ChangeSet.of({ from: 4, insert: "2" }, 4), own: true }, 10);
  unsafe.add({ changes: ChangeSet.of({ from: 3, to: 4 }, 5), own: false }, 11);
  return unsafe;
}

/** The text that a runner began anew with, with what is missing in it; null when nobody knows. */
function givenBack(unsafe: Unsafe, text: string): string | null {
  const first = unsafe.missingIn(originOf(text) + "random");
  expect(first?.text.toString() ?? text).toBe(text);
  return first === null ? null : first.missing.apply(first.text).toString();
}

describe("what is not safe yet", () => {
  it.each([
    ["ab", "a1b2"],
    ["a1b", "a1b2"],
    ["Xa1b", "Xa1b2"],
  ])("A runner that comes back with %s gets this page's part of the rest and nobody else's: %s", (text, whole) => {
    expect(givenBack(typed(), text)).toBe(whole);
  });

  it.each(["Xa1b2", "Xa12"])("Nothing is missing in %s", (text) => {
    expect(givenBack(typed(), text)).toBe(text);
  });

  it("Nobody knows what is missing in another text", () => {
    expect(givenBack(typed(), "something else")).toBeNull();
  });

  it("What has become safe is not given back", () => {
    const unsafe = typed();
    unsafe.safeUpTo(9);
    expect(givenBack(unsafe, "Xa1b")).toBe("Xa1b2");
    expect(givenBack(unsafe, "ab")).toBeNull();
    unsafe.safeUpTo(100);
    expect(givenBack(unsafe, "Xa1b")).toBeNull();
  });

  it("The newest are those that fit, on the text before them", () => {
    const [, , last] = typed().newest(0).updates;
    expect(last).toBeUndefined();
    const { text, updates, bytes } = typed().newest(11);
    expect([text.toString(), updates.map(({ own }) => own), bytes <= 11]).toEqual(["Xa1b", [true, false], true]);
    expect(typed().newest(1000)).toMatchObject({ updates: { length: 4 } });
  });

  it.each([
    ["10,000 updates", 10_001, 1],
    ["4 MiB", 5, 1024 * 1024],
  ])("Past %s the oldest are let go", (_, count, length) => {
    const unsafe = new Unsafe(toText(""));
    const insert = "x".repeat(length);
    for (let i = 0; i < count; i++) {
      unsafe.add({ changes: ChangeSet.of({ from: i * length, insert }, i * length), own: true }, i + 1);
    }
    expect(unsafe.missingIn(originOf(""))).toBeNull();
    expect(unsafe.missingIn(originOf(insert.repeat(2)))?.missing.newLength).toBe(count * length);
  });
});
