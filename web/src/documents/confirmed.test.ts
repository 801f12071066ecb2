import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { FrameError } from "@/connection";
import { toText } from "./changes";
import { Confirmed } from "./confirmed";
import { originOf } from "./incarnation";

/** "ab" becomes "a1b", by someone else "Xa1b", "Xa1b2" and by someone else "Xa1b2" less its "b". */
function typed(): Confirmed {
  const confirmed = new Confirmed(toText("ab"));
  confirmed.add(ChangeSet.of({ from: 1, insert: "1" }, 2), true, 8);
  confirmed.add(ChangeSet.of({ from: 0, insert: "X" }, 3), false, 9);
  confirmed.add(ChangeSet.of({ from: 4, insert: "2" }, 4), true, 10);
  confirmed.add(ChangeSet.of({ from: 3, to: 4 }, 5), false, 11);
  return confirmed;
}

/** The text that a runner began anew with, with what is missing in it; null when nobody knows. */
function givenBack(confirmed: Confirmed, text: string): string | null {
  const first = confirmed.firstOf(originOf(text) + "random");
  if (first === null) return null;
  expect(first.text.toString()).toBe(text);
  const whole = first.missing.apply(first.text).toString();
  expect(first.without.apply(confirmed.text).toString()).toBe(whole);
  return whole;
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
    const confirmed = typed();
    confirmed.safeUpTo(9);
    expect(givenBack(confirmed, "Xa1b")).toBe("Xa1b2");
    expect(givenBack(confirmed, "ab")).toBeNull();
    confirmed.safeUpTo(100);
    expect(givenBack(confirmed, "Xa1b")).toBeNull();
  });

  it.each([
    ["10,000 updates", 10_001, 1],
    ["4 MiB", 5, 1024 * 1024],
  ])("Past %s the oldest are let go", (_, count, length) => {
    const confirmed = new Confirmed(toText(""));
    const insert = "x".repeat(length);
    for (let i = 0; i < count; i++) {
      confirmed.add(ChangeSet.of({ from: i * length, insert }, i * length), true, i + 1);
    }
    expect(confirmed.firstOf(originOf(""))).toBeNull();
    expect(confirmed.firstOf(originOf(insert.repeat(2)))?.missing.newLength).toBe(count * length);
  });
});

describe("what is written", () => {
  const line = "x".repeat(1023) + "\n";
  const lines = (count: number) => line.repeat(count);
  const typeLines = (confirmed: Confirmed, from: number, to: number) => {
    for (let i = from; i < to; i++) {
      confirmed.add(ChangeSet.of({ from: i * 1024, insert: line }, i * 1024), i % 2 === 0, i + 1);
    }
  };

  it("The text is written once, and then what came behind it; read again it is the same", () => {
    const confirmed = new Confirmed(toText("ab"));
    expect(confirmed.toWrite()).toEqual({ text: "ab", since: [], own: [] });
    confirmed.add(ChangeSet.of({ from: 1, insert: "1" }, 2), true, 8);
    const { text, since, own } = confirmed.toWrite();
    expect([text, since.length, own]).toEqual([null, 1, [true]]);
    const read = Confirmed.from({ text: "ab", since, own }, 8);
    expect(read.text.toString()).toBe("a1b");
    expect(givenBack(read, "ab")).toBe("a1b");
    confirmed.writeAnew();
    confirmed.safeUpTo(8);
    expect(confirmed.toWrite()).toEqual({ text: "a1b", since: [], own: [] });
  });

  it("Past 64 KiB of updates the text is written anew, with no more than 32 KiB behind it, and only of what is not safe", () => {
    const confirmed = new Confirmed(toText(""));
    confirmed.toWrite();
    typeLines(confirmed, 0, 60);
    expect(confirmed.toWrite().text).toBeNull();
    typeLines(confirmed, 60, 70);
    const { text, since, own } = confirmed.toWrite();
    expect(since.length).toBe(31);
    expect(text).toBe(lines(70 - 31));
    expect(Confirmed.from({ text: lines(39), since, own }, 70).text.toString()).toBe(lines(70));
    typeLines(confirmed, 70, 110);
    confirmed.safeUpTo(109);
    expect(confirmed.toWrite()).toMatchObject({ text: lines(109), own: [false] });
  });

  it("What does not fit the text is refused", () => {
    const { since, own } = typed().toWrite();
    expect(since).toHaveLength(4);
    expect(() => Confirmed.from({ text: "another", since, own }, 8)).toThrow(FrameError);
  });
});
