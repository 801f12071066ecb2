import type { Channel, Connection, Store } from "@/connection";
import { ByteReader, ByteWriter, FrameError, FrameType, fromUtf8, utf8, Value } from "@/connection";

export type TerminalState =
  | { kind: "attaching" }
  | { kind: "attached" }
  /** No connection: what is typed goes nowhere. It attaches again by itself. */
  | { kind: "detached" }
  | { kind: "exited"; code: number; signal?: number }
  | { kind: "refused"; message: string };

/** What draws the terminal; xterm.js is one. */
export interface Screen {
  readonly cols: number;
  readonly rows: number;
  /** Calls `done` once `data` has been worked in. */
  write(data: Uint8Array | string, done?: () => void): void;
  reset(): void;
  resize(columns: number, rows: number): void;
}

/** Bytes worked in between two acks: an eighth of the runner's window, so that it never waits for one. */
const ackEvery = 32 * 1024;
/** Bytes of input in one frame. */
const maxInput = 64 * 1024;

/**
 * Answers that a terminal gives to what it is told to draw (its attributes, status, size, colours). While a restore is
 * drawn nobody asked for them.
 */
// eslint-disable-next-line no-control-regex -- these are control sequences
const answer = /^\x1b(?:\[[?>=]?[\d;]*(?:[cnRt]|\$y)|\[[IO]$|\]|P)/;

/**
 * One terminal of the workspace, drawn on one screen. Attaches whenever there is a connection, from `start` to `close`.
 * The screen has the size that the runner says, which is that of the page used last: what a program drew for one size is
 * garbage in another.
 */
export class TerminalClient {
  private readonly connection: Connection;
  private readonly terminal: string;
  private readonly screen: Screen;
  private readonly beforeEnter: () => void;
  private readonly stateValue = new Value<TerminalState>({ kind: "attaching" });
  private unsubscribe: () => void = () => undefined;
  private channel: Channel | null = null;
  /** Bytes worked in since the last ack. */
  private drawn = 0;
  /** Restores that are not worked in yet. */
  private restoring = 0;
  private closed = false;
  /** What this page has room for. */
  private room: { columns: number; rows: number };
  /** The size that the runner said last, ahead of the screen's while output is still being worked in. */
  private told: { columns: number; rows: number } | null = null;

  /** @param beforeEnter called ahead of each input that ends a line, to send what must be on disk by then. */
  constructor(connection: Connection, terminal: string, screen: Screen, beforeEnter: () => void) {
    this.connection = connection;
    this.terminal = terminal;
    this.screen = screen;
    this.beforeEnter = beforeEnter;
    this.room = { columns: screen.cols, rows: screen.rows };
  }

  start(): void {
    this.unsubscribe = this.connection.state.subscribe(() => this.attach());
    this.attach();
  }

  get state(): Store<TerminalState> {
    return this.stateValue;
  }

  /** Types. Dropped while not attached: a command sent later than it was typed could do harm. */
  input(data: string | Uint8Array): void {
    const channel = this.channel;
    if (channel === null) return;
    if (typeof data === "string") {
      if (this.restoring > 0 && answer.test(data)) return;
      if (/[\r\n]/.test(data)) this.beforeEnter();
    } else if (data.some((byte) => byte === 0x0d || byte === 0x0a)) {
      this.beforeEnter();
    }
    const bytes = typeof data === "string" ? utf8(data) : data;
    for (let at = 0; at < bytes.length; at += maxInput) {
      channel.send(FrameType.input, bytes.subarray(at, at + maxInput));
    }
  }

  /** Says what this page has room for. The screen follows once the runner has agreed. */
  fit(columns: number, rows: number): void {
    const same = this.room.columns === columns && this.room.rows === rows;
    this.room = { columns, rows };
    if (this.channel === null) this.screen.resize(columns, rows);
    else if (!same) this.sendRoom();
  }

  /** The terminal is used here: it takes this page's size, whichever page's it had. */
  claim(): void {
    if (this.told?.columns !== this.room.columns || this.told.rows !== this.room.rows) this.sendRoom();
  }

  /** Takes the size that the terminal has for this page's own: it is used here, and shown elsewhere. */
  follow(): void {
    if (this.told === null) return;
    this.room = this.told;
    this.sendRoom();
  }

  /** What is drawn now was printed before: nothing of it is news. */
  get restores(): boolean {
    return this.restoring > 0;
  }

  /** Lets go of the terminal; it goes on in the workspace. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.unsubscribe();
    this.channel?.close();
    this.channel = null;
  }

  private attach(): void {
    if (this.closed || this.channel !== null || this.stateValue.get().kind === "refused") return;
    if (!this.connection.online) return;
    const { columns, rows } = this.room;
    this.drawn = 0;
    this.told = null;
    this.stateValue.set({ kind: "attaching" });
    const channel = this.connection.openChannel(
      "terminal.attach",
      { terminal: this.terminal, columns, rows },
      {
        opened: () => {
          this.channel = channel;
          this.stateValue.set({ kind: "attached" });
          if (this.room.columns !== columns || this.room.rows !== rows) this.sendRoom();
        },
        failed: (error) => {
          this.channel = null;
          this.stateValue.set({ kind: "refused", message: error.message });
        },
        frame: (type, payload) => this.receive(type, payload),
        lost: () => {
          this.channel = null;
          this.stateValue.set({ kind: "detached" });
        },
      },
    );
    this.channel = channel;
  }

  private receive(type: number, payload: Uint8Array): void {
    switch (type) {
      case FrameType.output:
        this.screen.write(payload, () => this.acknowledge(payload.length));
        break;
      case FrameType.restore:
        this.restore(payload);
        break;
      case FrameType.size:
        this.takeSize(payload);
        break;
      case FrameType.exited:
        this.stateValue.set({
          kind: "exited",
          ...(JSON.parse(fromUtf8(payload)) as { code: number; signal?: number }),
        });
        break;
      default:
        throw new FrameError(`type ${type} on a terminal's channel`);
    }
  }

  private restore(payload: Uint8Array): void {
    this.restoring++;
    const reader = new ByteReader(payload);
    // In its turn: output that came before may not be worked in yet.
    this.screen.write("", () => this.screen.reset());
    while (!reader.atEnd) {
      const columns = reader.varint();
      const rows = reader.varint();
      this.told = { columns, rows };
      this.screen.write("", () => this.screen.resize(columns, rows));
      this.screen.write(reader.counted());
    }
    this.screen.write("", () => (this.restoring -= 1));
  }

  private takeSize(payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    const columns = reader.varint();
    const rows = reader.varint();
    this.told = { columns, rows };
    this.screen.write("", () => this.screen.resize(columns, rows));
  }

  private sendRoom(): void {
    const { columns, rows } = this.room;
    this.channel?.send(FrameType.resize, new ByteWriter(8).varint(columns).varint(rows).done());
  }

  private acknowledge(length: number): void {
    this.drawn += length;
    if (this.drawn < ackEvery) return;
    this.channel?.send(FrameType.ack, new ByteWriter(8).varint(this.drawn).done());
    this.drawn = 0;
  }
}
