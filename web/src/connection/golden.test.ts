import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { TerminalClient } from "@/terminals/client";
import type { Socket } from "./connection";
import { Connection } from "./connection";
import { readFrame, utf8, writeFrame } from "./frames";
import type { Events, Operation, Requests } from "./messages";

/** A line of tests/golden/frames.json, which the runner's tests read too. */
interface Golden {
  name: string;
  channel: number;
  type: string;
  payload: Record<string, unknown>;
  op?: string;
  hex: string;
}

const file = new URL("../../../tests/golden/frames.json", import.meta.url);
const frames = JSON.parse(readFileSync(file, "utf8")) as Golden[];
const of = (...types: string[]) => frames.filter((frame) => types.includes(frame.type));
const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data: Uint8Array) => Buffer.from(data).toString("hex");

let sent: string[];
let socket: Socket;
let connection: Connection;

/** The runner says these bytes. */
function hear(message: Uint8Array) {
  const data = message.slice().buffer;
  socket.onmessage?.call(socket as WebSocket, { data } as MessageEvent);
}

beforeEach(async () => {
  vi.useFakeTimers();
  sent = [];
  socket = {
    binaryType: "arraybuffer",
    onclose: null,
    onmessage: null,
    send: (frame) => void sent.push(hex(frame as Uint8Array)),
    close: () => undefined,
  };
  connection = new Connection(
    "w",
    () => Promise.resolve({ ticket: "t", origin: "https://w.example" }),
    () => socket,
  );
  await vi.advanceTimersByTimeAsync(0);
  const hello = frames.find((frame) => frame.payload.event === "hello");
  hear(bytes(hello?.hex ?? ""));
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

it.each(of("request"))("A request is byte for byte what the runner reads: $name", ({ payload, hex }) => {
  const { id, op, ...args } = payload;
  expect(id).toBe(1);
  const listener = { opened: vi.fn(), failed: vi.fn(), frame: vi.fn(), lost: vi.fn() };
  if (op === "document.open" || op === "terminal.attach") {
    const { channel, ...rest } = args;
    expect(channel).toBe(1);
    connection.openChannel(op, rest, listener);
  } else {
    connection.request(op as Operation, args as never).catch(() => undefined);
  }
  expect(sent).toEqual([hex]);
});

it.each(of("ping"))("A silent socket is asked: $name", async ({ hex }) => {
  await vi.advanceTimersByTimeAsync(10_000);
  expect(sent).toEqual([hex]);
});

it.each(of("reply"))("A reply is read: $name", async ({ payload, op }) => {
  const result = connection.request(op as keyof Requests, {});
  // The golden reply carries a number of its own: its other bytes are heard under the number that is waited for.
  const golden = readFrame(bytes(frames.find((frame) => frame.payload === payload)?.hex ?? ""));
  const said = JSON.parse(Buffer.from(golden.payload).toString()) as Record<string, unknown>;
  expect(said).toEqual(payload);
  hear(writeFrame(golden.channel, golden.type, utf8(JSON.stringify({ ...said, id: 1 }))));
  if (payload.error === undefined) await expect(result).resolves.toEqual(payload.result);
  else await expect(result).rejects.toMatchObject(payload.error as object);
});

it.each(of("event", "pong"))("An event is read: $name", ({ payload, hex }) => {
  const heard = vi.fn();
  if (payload.event !== undefined) connection.on(payload.event as keyof Events, heard);
  hear(bytes(hex));
  expect(connection.online).toBe(true);
  if (payload.event !== undefined) expect(heard).toHaveBeenCalledWith(payload);
});

function attach(columns = 80, rows = 24) {
  const written: string[] = [];
  const screen = {
    cols: columns,
    rows,
    reset: () => void written.push("reset"),
    resize: (wide: number, high: number) => void written.push(`${wide}x${high}`),
    write: (data: Uint8Array | string, done?: () => void) => {
      if (typeof data !== "string") written.push(hex(data));
      done?.();
    },
  };
  const client = new TerminalClient(connection, "0a1b2c3d4e5f", screen, () => undefined);
  client.start();
  hear(writeFrame(0, 0x02, utf8('{"id":1,"result":{}}')));
  sent = [];
  return { client, screen, written };
}

it.each(of("input"))("Keys are byte for byte what the runner reads: $name", ({ payload, hex }) => {
  const { client } = attach();
  client.input(Buffer.from(payload.bytes as string, "hex").toString());
  expect(sent).toEqual([hex]);
});

it.each(of("resize"))("A size is byte for byte what the runner reads: $name", ({ payload, hex }) => {
  const { client } = attach(payload.columns as number, payload.rows as number);
  client.claim();
  expect(sent).toEqual([hex]);
});

it.each(of("ack"))("An ack is byte for byte what the runner reads: $name", ({ payload, hex }) => {
  attach();
  hear(writeFrame(1, 0x21, new Uint8Array(payload.bytes as number)));
  expect(sent).toEqual([hex]);
});

it.each(of("output", "restore", "size"))("What is drawn is what the runner said: $name", ({ payload, type, hex }) => {
  const { written } = attach();
  const frame = readFrame(bytes(hex));
  hear(writeFrame(1, frame.type, frame.payload));
  const size = `${String(payload.columns)}x${String(payload.rows)}`;
  const expected = { output: [payload.bytes], restore: ["reset", size, payload.drawn], size: [size] }[type];
  expect(written).toEqual(expected);
});

it.each(of("exited"))("An end is read: $name", ({ payload, hex }) => {
  const { client } = attach();
  hear(bytes(hex));
  expect(client.state.get()).toEqual({ kind: "exited", ...payload });
});
