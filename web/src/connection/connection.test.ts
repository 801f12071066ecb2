import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Socket } from "./connection";
import { Connection } from "./connection";
import { FrameType, fromUtf8, readFrame, utf8, writeFrame } from "./frames";
import { RequestError } from "./messages";

/** The runner's end of the sockets that a connection opens. */
class Runner {
  sockets: Socket[] = [];
  received: { op?: string; id?: number; type: number; channel: number }[] = [];
  readonly open = (): Socket => {
    const socket: Socket = {
      binaryType: "arraybuffer",
      onclose: null,
      onmessage: null,
      send: (frame) => {
        const { channel, type, payload } = readFrame(frame as Uint8Array);
        const json = type === FrameType.request ? (JSON.parse(fromUtf8(payload)) as object) : {};
        this.received.push({ channel, type, ...json });
      },
      close: () => undefined,
    };
    this.sockets.push(socket);
    return socket;
  };

  say(type: number, payload: Uint8Array, channel = 0): void {
    const socket = this.sockets.at(-1);
    const data = writeFrame(channel, type, payload).slice().buffer;
    socket?.onmessage?.call(socket as WebSocket, { data } as MessageEvent);
  }

  event(event: string, body: object): void {
    this.say(FrameType.event, utf8(JSON.stringify({ event, ...body })));
  }

  reply(id: number | undefined, body: object): void {
    this.say(FrameType.reply, utf8(JSON.stringify({ id, ...body })));
  }

  hello(): void {
    this.event("hello", { protocol: 1, workspace: "w", role: "owner", epoch: 1, notices: [], ports: [] });
  }

  hangUp(code = 1006): void {
    const socket = this.sockets.at(-1);
    socket?.onclose?.call(socket as WebSocket, { code, reason: "" } as CloseEvent);
  }
}

let runner: Runner;
let connection: Connection;
const entry = { ticket: "t", origin: "https://w.example" };

beforeEach(() => {
  vi.useFakeTimers();
  runner = new Runner();
});
afterEach(() => {
  connection.close();
  vi.useRealTimers();
});

async function connect(enter = () => Promise.resolve(entry)) {
  connection = new Connection("w", enter, runner.open);
  await vi.advanceTimersByTimeAsync(0);
}

it("It is online from the runner's first word on, which events keep current", async () => {
  await connect();
  expect(connection.state.get().kind).toBe("connecting");
  runner.hello();
  expect(connection.state.get()).toMatchObject({ kind: "online", attempt: 0, reason: "" });
  runner.event("ports", { ports: [{ port: 3000 }] });
  expect(connection.hello.get()?.ports).toEqual([{ port: 3000 }]);
  runner.event("notice", { notice: { id: "disk", level: "error", message: "The disk is full." } });
  expect(connection.hello.get()?.notices).toHaveLength(1);
  runner.event("notice", { notice: { id: "disk", level: "error", message: "" } });
  expect(connection.hello.get()?.notices).toEqual([]);
});

it("A lost socket is made again, later each time, and at once when asked", async () => {
  await connect();
  const delays: number[] = [];
  for (let i = 0; i < 8; i++) {
    runner.hangUp();
    const { kind, retryAt } = connection.state.get();
    expect(kind).toBe("offline");
    delays.push((retryAt ?? 0) - Date.now());
    await vi.advanceTimersByTimeAsync(delays.at(-1) ?? 0);
  }
  expect(runner.sockets).toHaveLength(9);
  expect(delays[0]).toBeGreaterThanOrEqual(100);
  expect(delays[0]).toBeLessThanOrEqual(200);
  expect(delays.at(-1)).toBeGreaterThanOrEqual(5_000);
  expect(Math.max(...delays)).toBeLessThanOrEqual(10_000);
  runner.hangUp();
  connection.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(runner.sockets).toHaveLength(10);
});

it("Ten silent seconds bring a ping, five more without an answer the end of the socket", async () => {
  await connect();
  runner.hello();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(runner.received.map((frame) => frame.type)).toEqual([FrameType.ping]);
  runner.say(FrameType.pong, new Uint8Array(0));
  await vi.advanceTimersByTimeAsync(9_000);
  expect(connection.online).toBe(true);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(runner.received).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(connection.online).toBe(false);
});

it("A request made without a connection waits for one, and fails in words when none comes", async () => {
  await connect();
  const stat = connection.request("files.stat", { path: "a" });
  runner.hello();
  expect(runner.received).toMatchObject([{ op: "files.stat", id: 1 }]);
  runner.reply(1, { result: { name: "a" } });
  await expect(stat).resolves.toEqual({ name: "a" });
  runner.hangUp();
  const list = connection.request("files.create", { path: "b", kind: "file" });
  const failed = expect(list).rejects.toMatchObject({ code: "offline" });
  await vi.advanceTimersByTimeAsync(31_000);
  await failed;
});

it("When the socket is lost, what only reads is asked again and what changes something is not", async () => {
  await connect();
  runner.hello();
  const find = connection.request("files.find", { query: "a" });
  const remove = connection.request("files.delete", { path: "a" });
  const failed = expect(remove).rejects.toMatchObject({ code: "lost" });
  runner.hangUp();
  await failed;
  await vi.advanceTimersByTimeAsync(500);
  runner.hello();
  expect(runner.received.map((frame) => frame.op)).toEqual(["files.find", "files.delete", "files.find"]);
  runner.reply(runner.received.at(-1)?.id, { result: { paths: ["a"] } });
  await expect(find).resolves.toEqual({ paths: ["a"] });
});

it("An error of the runner is what the request throws", async () => {
  await connect();
  runner.hello();
  const stat = connection.request("files.stat", { path: "a" });
  runner.reply(1, { error: { code: "not_found", message: "There is no a." } });
  await expect(stat).rejects.toEqual(new RequestError("not_found", "There is no a."));
});

it("A denied entry is not tried again until someone asks", async () => {
  await connect(() => Promise.reject(new RequestError("denied", "You may not enter.")));
  expect(connection.state.get()).toMatchObject({ kind: "refused", reason: "You may not enter.", retryAt: null });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(runner.sockets).toHaveLength(0);
  await expect(connection.request("files.list", { path: "" })).rejects.toMatchObject({ code: "denied" });
});

it("Channels are numbered upward on each socket and end with it", async () => {
  await connect();
  runner.hello();
  const heard: string[] = [];
  const listener = {
    opened: () => void heard.push("opened"),
    failed: () => void heard.push("failed"),
    frame: (type: number) => void heard.push(`frame ${type}`),
    lost: () => void heard.push("lost"),
  };
  const args = { terminal: "1", columns: 80, rows: 24 };
  const first = connection.openChannel("terminal.attach", args, listener);
  const second = connection.openChannel("terminal.attach", args, listener);
  runner.reply(1, { result: {} });
  runner.reply(2, { error: { code: "not_found", message: "" } });
  await vi.advanceTimersByTimeAsync(0);
  runner.say(FrameType.output, new Uint8Array(1), 1);
  runner.say(FrameType.output, new Uint8Array(1), 2);
  first?.send(FrameType.input, new Uint8Array(1));
  second?.send(FrameType.input, new Uint8Array(1));
  expect(runner.received.filter((frame) => frame.type === FrameType.input)).toMatchObject([{ channel: 1 }]);
  runner.hangUp();
  expect(heard).toEqual(["opened", "failed", `frame ${FrameType.output}`, "lost"]);
  expect(connection.openChannel("terminal.attach", args, listener)).toBeNull();
});

it("What is not in the protocol ends the socket with words, not the page", async () => {
  await connect();
  runner.hello();
  runner.say(0x7f, new Uint8Array(0));
  expect(connection.state.get().kind).toBe("offline");
  expect(connection.state.get().reason).toContain("does not understand");
});

it("A workspace that was put to sleep is not woken by the page, but by whoever asks for it", async () => {
  const enter = vi.fn(() => Promise.resolve(entry));
  await connect(enter);
  runner.hello();
  runner.event("sleep", { sleep: { seconds: 60, why: "Nobody has used it." } });
  expect(connection.hello.get()?.sleep).toEqual({ seconds: 60, why: "Nobody has used it." });
  const asked = connection.request("files.list", { path: "" });
  runner.event("asleep", { reason: "Nobody was here." });
  runner.hangUp(1001);
  expect(connection.state.get()).toMatchObject({ kind: "asleep", reason: "Nobody was here." });
  await expect(asked).rejects.toMatchObject({ code: "offline" });
  await vi.advanceTimersByTimeAsync(600_000);
  expect(enter).toHaveBeenCalledTimes(1);
  await expect(connection.request("files.list", { path: "" })).rejects.toMatchObject({ code: "offline" });
  connection.retryNow();
  await vi.advanceTimersByTimeAsync(0);
  runner.hello();
  expect(connection.online).toBe(true);
});
