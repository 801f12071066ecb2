import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { toText } from "./changes";
import { Unsafe } from "./unsafe";

/** "ab" becomes "a1b", by someone else "Xa1b", "Xa1b2" and by someone else "Xa1b2" less its "b". */
function typed(): Unsafe {
  const unsafe = new Unsafe(toText("ab"), 7);
  unsafe.add(ChangeSet.of({ from: 1, insert: "1" }, 2), true, 8);
  unsafe.add(ChangeSet.of({ from: 0, insert: "X" }, 3), false, 8);
  unsafe.add(ChangeSet.of({ from: 4, insert: "2" }, 4), true, 8);
  unsafe.add(ChangeSet.of({ from: 3, to: 4 }, 5), false, 8);
  return unsafe;
}

const givenBack = (unsafe: Unsafe, text: string) => unsafe.missingIn(toText(text))?.apply(toText(text)).toString();

describe("what is not safe yet", () => {
  it.each([
    ["ab", "a1b2"],
    ["a1b", "a1b2"],
    ["Xa1b", "Xa1b2"],
  ])("A runner that comes back with %s gets this page's part of the rest and nobody else's: %s", (text, whole) => {
    expect(givenBack(typed(), text)).toBe(whole);
  });

  it.each(["Xa1b2", "Xa12", "something else"])("Nothing is given back to %s", (text) => {
    expect(givenBack(typed(), text)).toBeUndefined();
  });

  it("What has become safe is not given back", () => {
    const unsafe = typed();
    unsafe.safeUpTo(9);
    expect(givenBack(unsafe, "Xa1b")).toBe("Xa1b2");
    expect(givenBack(unsafe, "ab")).toBeUndefined();
    unsafe.safeUpTo(100);
    expect(givenBack(unsafe, "Xa1b")).toBeUndefined();
  });

  it.each([
    ["10,000 updates", 10_001, 8],
    ["4 MiB", 5, 1024 * 1024],
  ])("Past %s the oldest are let go", (_, count, bytes) => {
    const unsafe = new Unsafe(toText(""), 0);
    for (let i = 0; i < count; i++) unsafe.add(ChangeSet.of({ from: i, insert: "x" }, i), true, bytes);
    expect(givenBack(unsafe, "")).toBeUndefined();
    expect(givenBack(unsafe, "x")).toBe("x".repeat(count));
  });
});
