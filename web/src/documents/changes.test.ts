import { ChangeSet } from "@codemirror/state";
import { describe, expect, it } from "vitest";
import { FrameError } from "@/connection";
import { decodeChanges, encodeChanges, toText } from "./changes";
import { difference } from "./difference";
import { randomFrom } from "./testing/random";

const seed = Date.now() % 1_000_000_000;
const alphabet = ["a", "b", "\n", "é", "字", "😀", "\r"];

function randomText(random: (below: number) => number, length: number): string {
  return Array.from({ length }, () => alphabet[random(alphabet.length)]).join("");
}

describe("Change sets on the wire", () => {
  it("say what docs/protocol.md says", () => {
    const changes = ChangeSet.of({ from: 2, to: 3, insert: "é" }, 5);
    expect([...encodeChanges(changes)]).toEqual([2 << 2, (1 << 2) | 1, 2, 0xc3, 0xa9, 2 << 2]);
  });

  it("carry half of a surrogate pair as UTF-16", () => {
    const changes = ChangeSet.of({ from: 0, insert: "\ud83d" }, 0);
    expect([...encodeChanges(changes)]).toEqual([2, 1, 0x3d, 0xd8]);
    expect(decodeChanges(encodeChanges(changes), 0).toJSON()).toEqual(changes.toJSON());
  });

  it("come back as they were", () => {
    const random = randomFrom(seed);
    for (let i = 0; i < 2_000; i++) {
      const length = random(200);
      const specs = Array.from({ length: random(5) }, () => {
        const from = random(length + 1);
        return { from, to: from + random(length - from + 1), insert: toText(randomText(random, random(6))) };
      });
      const [first, ...rest] = specs.map((spec) => ChangeSet.of(spec, length, "\n"));
      const changes = rest.reduce((all, one) => all.compose(one.map(all)), first ?? ChangeSet.empty(length));
      const back = decodeChanges(encodeChanges(changes), length);
      expect(back.toJSON(), `seed ${seed}`).toEqual(changes.toJSON());
    }
  });

  it("that do not fit the text are refused", () => {
    const bytes = encodeChanges(ChangeSet.of({ from: 2, insert: "x" }, 5));
    expect(() => decodeChanges(bytes, 6)).toThrow(FrameError);
    expect(() => decodeChanges(bytes.subarray(0, 2), 5)).toThrow(FrameError);
    expect(() => decodeChanges(Uint8Array.of(3), 0)).toThrow(FrameError);
    expect(() => decodeChanges(Uint8Array.of(1, 1, 0xff), 0)).toThrow(FrameError);
  });
});

describe("The difference of two texts", () => {
  it("turns the one into the other", () => {
    const random = randomFrom(seed);
    for (let i = 0; i < 2_000; i++) {
      const before = randomText(random, random(60));
      let after = before;
      for (let j = random(4); j >= 0; j--) {
        const from = random(after.length + 1);
        after = after.slice(0, from) + randomText(random, random(8)) + after.slice(from + random(8));
      }
      const changes = difference(toText(before), toText(after));
      expect(changes.apply(toText(before)).toString(), `seed ${seed}`).toBe(after);
    }
  });

  it("touches only the lines that changed", () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => `line ${i}`);
    const before = toText(lines.join("\n"));
    const changed = [...lines.slice(0, 10), "new", ...lines.slice(10, 500), "line 500!", ...lines.slice(501, 900)];
    const changes = difference(before, toText(changed.join("\n")));
    let pieces = 0;
    changes.iterChanges((from, to) => {
      pieces++;
      expect(from === to || from > before.line(900).from).toBe(true);
    });
    expect(pieces).toBe(3);
  });

  it("leaves a cursor between two changed lines where it was", () => {
    const changes = difference(toText("a\nb|\nc"), toText("aaa\nb|\nccc"));
    expect(changes.mapPos(3)).toBe(5);
  });

  it("of texts with too many changed lines is one piece", () => {
    const before = toText("x\n".repeat(50_000));
    const after = toText("y\n".repeat(50_000));
    const changes = difference(before, after);
    expect(changes.toJSON()).toHaveLength(2);
    expect(changes.apply(before).eq(after)).toBe(true);
  });
});
