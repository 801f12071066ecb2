import { expect, test } from "vitest";
import { ByteWriter, FrameType, utf8, Value, type ChannelListener, type Connection } from "@/connection";
import { TerminalClient, type Screen } from "./client";

/** A screen that works its orders off in order, when it is told to, as the emulator does. */
class Paper implements Screen {
  cols = 80;
  rows = 24;
  readonly done: string[] = [];
  private readonly waiting: (() => void)[] = [];

  write(data: Uint8Array | string, done?: () => void): void {
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    this.waiting.push(() => {
      if (text !== "") this.done.push(text);
      done?.();
    });
  }

  reset(): void {
    this.done.push("<reset>");
  }

  resize(columns: number, rows: number): void {
    [this.cols, this.rows] = [columns, rows];
    this.done.push(`<${columns}x${rows}>`);
  }

  work(): void {
    for (const order of this.waiting.splice(0)) order();
  }
}

/** The runner's side: what was asked and sent. */
class Desk {
  readonly state = new Value({ kind: "online" });
  online = true;
  readonly asked: unknown[] = [];
  readonly sent: { type: number; payload: Uint8Array }[] = [];
  listener: ChannelListener<"terminal.attach"> | null = null;

  openChannel(_: string, args: unknown, listener: ChannelListener<"terminal.attach">) {
    this.asked.push(args);
    this.listener = listener;
    return {
      send: (type: number, payload: Uint8Array) => void this.sent.push({ type, payload }),
      close: () => undefined,
      ended: () => undefined,
    };
  }

  says(type: number, payload: Uint8Array): void {
    this.listener?.frame(type, payload);
  }
}

const numbers = (...all: number[]) => all.reduce((writer, one) => writer.varint(one), new ByteWriter()).done();
const part = (columns: number, rows: number, text: string) => [
  ...numbers(columns, rows, utf8(text).length),
  ...utf8(text),
];

function begin() {
  const desk = new Desk();
  const paper = new Paper();
  let pushed = 0;
  const client = new TerminalClient(desk as unknown as Connection, "t1", paper, () => pushed++);
  client.fit(100, 30);
  client.start();
  desk.listener?.opened({});
  return { desk, paper, client, pushed: () => pushed };
}

test("it attaches with the room that the page has", () => {
  const { desk } = begin();
  expect(desk.asked).toEqual([{ terminal: "t1", columns: 100, rows: 30 }]);
});

test("a restore is drawn in its turn, each part in its own size", () => {
  const { desk, paper } = begin();
  paper.done.length = 0;
  desk.says(FrameType.output, utf8("before"));
  desk.says(FrameType.restore, Uint8Array.from([...part(80, 24, "wide"), ...part(40, 20, "narrow")]));
  desk.says(FrameType.size, numbers(100, 30));
  desk.says(FrameType.output, utf8("after"));
  expect(paper.done).toEqual([]);
  paper.work();
  expect(paper.done).toEqual(["before", "<reset>", "<80x24>", "wide", "<40x20>", "narrow", "<100x30>", "after"]);
});

test("while a restore is drawn, nobody answers it and nothing of it is news", () => {
  const { desk, paper, client } = begin();
  desk.says(FrameType.restore, Uint8Array.from(part(80, 24, "x")));
  expect(client.restores).toBe(true);
  client.input("\x1b[?1;2c");
  client.input("typed");
  paper.work();
  expect(client.restores).toBe(false);
  client.input("\x1b[?1;2c");
  expect(desk.sent.map(({ payload }) => new TextDecoder().decode(payload))).toEqual(["typed", "\x1b[?1;2c"]);
});

test("the page asks for its size when the terminal is used, not while it has it", () => {
  const { desk, client } = begin();
  desk.says(FrameType.size, numbers(100, 30));
  client.claim();
  expect(desk.sent).toEqual([]);
  desk.says(FrameType.size, numbers(40, 20));
  client.claim();
  expect(desk.sent).toEqual([{ type: FrameType.resize, payload: numbers(100, 30) }]);
  client.fit(101, 30);
  client.fit(101, 30);
  expect(desk.sent).toHaveLength(2);
});

test("output is acknowledged every 32 KiB, once it is drawn", () => {
  const { desk, paper } = begin();
  for (let i = 0; i < 5; i++) desk.says(FrameType.output, new Uint8Array(8 * 1024));
  expect(desk.sent).toEqual([]);
  paper.work();
  expect(desk.sent).toEqual([{ type: FrameType.ack, payload: numbers(32 * 1024) }]);
});

test("edits go ahead of a line's end, and a large paste in pieces", () => {
  const { desk, client, pushed } = begin();
  client.input("ls");
  expect(pushed()).toBe(0);
  client.input("\r");
  expect(pushed()).toBe(1);
  client.input("x".repeat(150_000));
  expect(desk.sent.slice(2).map(({ payload }) => payload.length)).toEqual([65_536, 65_536, 18_928]);
});

test("a lost connection leaves the screen, and it takes the page's sizes by itself", () => {
  const { desk, paper, client } = begin();
  desk.listener?.lost();
  expect(client.state.get()).toEqual({ kind: "detached" });
  client.input("nobody hears");
  expect(desk.sent).toEqual([]);
  client.fit(50, 10);
  expect([paper.cols, paper.rows]).toEqual([50, 10]);
});
