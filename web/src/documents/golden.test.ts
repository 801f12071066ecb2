import { readFileSync } from "node:fs";
import { ChangeSet } from "@codemirror/state";
import { expect, it } from "vitest";
import { ByteReader, ByteWriter, fromUtf8 } from "@/connection";
import { readFrame, writeFrame } from "@/connection/frames";
import { decodeChanges, encodeChanges, toText } from "./changes";
import { decodeCursors, encodeCursor } from "./cursors";
import { beganWith, originOf } from "./incarnation";

type Range = [anchor: number, head: number];

interface Golden {
  name: string;
  channel: number;
  type: string;
  payload: Record<string, unknown>;
  hex: string;
}

const file = new URL("../../../tests/golden/frames.json", import.meta.url);
const frames = JSON.parse(readFileSync(file, "utf8")) as Golden[];
const of = (type: string) => frames.filter((frame) => frame.type === type);
const reader = (hex: string) => new ByteReader(readFrame(Uint8Array.from(Buffer.from(hex, "hex"))).payload);

it.each(of("push"))("A push is byte for byte what the runner expects: $name", ({ channel, payload, hex }) => {
  const { version, first, updates } = payload as { version: number; first: number; updates: unknown[] };
  const writer = new ByteWriter().varint(version).varint(first);
  for (const update of updates) writer.counted(encodeChanges(ChangeSet.fromJSON(update)));
  expect(Buffer.from(writeFrame(channel, 0x10, writer.done())).toString("hex")).toBe(hex);
});

it.each(of("updates"))("Updates of others are read: $name", ({ payload, hex }) => {
  const { before, updates } = payload as { before: number; updates: { author: number; changes: unknown }[] };
  const from = reader(hex);
  expect(from.varint()).toBe(before);
  for (const { author, changes } of updates) {
    const expected = ChangeSet.fromJSON(changes);
    expect(from.varint()).toBe(author);
    expect(decodeChanges(from.counted(), expected.length).toJSON()).toEqual(expected.toJSON());
  }
  expect(from.atEnd).toBe(true);
});

it.each(of("snapshot"))("A snapshot is read: $name", ({ payload, hex }) => {
  const from = reader(hex);
  expect({ version: from.varint(), sequence: from.varint(), text: fromUtf8(from.rest()) }).toEqual(payload);
});

it.each([...of("confirm"), ...of("saved"), ...of("safe")])("A number is read: $name", ({ payload, hex }) => {
  const from = reader(hex);
  expect(Object.values(payload)).toEqual(Object.keys(payload).map(() => from.varint()));
  expect(from.atEnd).toBe(true);
});

it.each(of("cursor").filter(({ payload }) => payload.ranges !== undefined))(
  "A place is byte for byte what the runner expects: $name",
  ({ channel, payload, hex }) => {
    const { version, top, bottom, ranges } = payload as {
      version: number;
      top: number;
      bottom: number;
      ranges: Range[];
    };
    const place = { top, bottom, ranges: ranges.map(([anchor, head]) => ({ anchor, head })) };
    expect(Buffer.from(writeFrame(channel, 0x17, encodeCursor(version, place))).toString("hex")).toBe(hex);
  },
);

it.each(of("cursors"))("Where others are is read: $name", ({ payload, hex }) => {
  const { version, cursors } = payload as { version: number; cursors: Record<string, unknown>[] };
  const from = reader(hex);
  expect(from.varint()).toBe(version);
  const told = decodeCursors(from).map(({ author, person, place }) => {
    if (place === null) return { author, person, ranges: [] };
    const { top, bottom, ranges } = place;
    return { author, person, top, bottom, ranges: ranges.map(({ anchor, head }) => [anchor, head]) };
  });
  expect(told).toEqual(cursors);
});

it.each(of("gone"))("The end of a document is read: $name", ({ payload, hex }) => {
  expect(JSON.parse(fromUtf8(reader(hex).rest()))).toEqual(payload);
});

const incarnations = JSON.parse(
  readFileSync(new URL("../../../tests/golden/incarnations.json", import.meta.url), "utf8"),
) as { name: string; text: string; begins: string }[];

it.each(incarnations)("The name of a run of versions tells what it began with: $name", ({ text, begins }) => {
  expect(originOf(text)).toBe(begins);
  expect(beganWith(begins + "random", toText(text))).toBe(true);
  expect(beganWith(begins + "random", toText(text + "x"))).toBe(false);
});
