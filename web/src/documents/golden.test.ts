import { readFileSync } from "node:fs";
import { ChangeSet } from "@codemirror/state";
import { expect, it } from "vitest";
import { ByteWriter } from "@/connection";
import { writeFrame } from "@/connection/frames";
import { encodeChanges } from "./changes";

interface Golden {
  name: string;
  channel: number;
  type: string;
  payload: { version: number; first: number; updates: unknown[] };
  hex: string;
}

const file = new URL("../../../tests/golden/frames.json", import.meta.url);
const pushes = (JSON.parse(readFileSync(file, "utf8")) as Golden[]).filter((frame) => frame.type === "push");

it.each(pushes)("A push is byte for byte what the runner expects: $name", ({ channel, payload, hex }) => {
  const writer = new ByteWriter().varint(payload.version).varint(payload.first);
  for (const update of payload.updates) writer.counted(encodeChanges(ChangeSet.fromJSON(update)));
  expect(Buffer.from(writeFrame(channel, 0x10, writer.done())).toString("hex")).toBe(hex);
});
