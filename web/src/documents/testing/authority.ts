import type { Text } from "@codemirror/state";
import { ChangeSet } from "@codemirror/state";
import { rebaseUpdates } from "@codemirror/collab";
import { ByteReader, ByteWriter, FrameType, fromUtf8, utf8 } from "@/connection";
import { readFrame, writeFrame } from "@/connection/frames";
import { decodeChanges, encodeChanges, toText } from "../changes";
import { originOf } from "../incarnation";

const fresh = (text: string) => originOf(text) + Math.random().toString(36).slice(2);

/** A document of the runner as docs/protocol.md describes it. */
class Held {
  incarnation: string;
  version = 0;
  text: Text;
  /** The oldest version that can be resumed from. */
  oldest = 0;
  /** The newest version that nothing takes back. */
  safe = 0;
  /** The newest version that may be left of a lost disk. */
  kept = 0;
  readonly history: { clientID: string; changes: ChangeSet; undo: ChangeSet }[] = [];
  readonly sequences = new Map<string, number>();
  readonly open = new Set<{ end: RunnerEnd; channel: number; client: string }>();

  constructor(text: string) {
    this.text = toText(text);
    this.incarnation = fresh(text);
  }

  apply(clientID: string, changes: ChangeSet): void {
    this.history.push({ clientID, changes, undo: changes.invert(this.text) });
    this.text = changes.apply(this.text);
    this.version++;
  }

  since(version: number) {
    return this.history.slice(this.history.length - (this.version - version));
  }
}

/** The runner's end of a socket. */
export interface RunnerEnd {
  send(frame: Uint8Array): void;
}

/** The runner's side of documents, in memory: what it was told is kept over any loss of sockets. */
export class Authority {
  private readonly documents = new Map<string, Held>();
  /** Bytes of frames received, by type. */
  readonly received = new Map<number, number[]>();

  constructor(files: Record<string, string>) {
    for (const [path, text] of Object.entries(files)) this.documents.set(path, new Held(text));
  }

  text(path: string): string {
    return this.held(path).text.toString();
  }

  connected(end: RunnerEnd): void {
    const hello = { event: "hello", protocol: 1, workspace: "w", role: "owner", epoch: 1, project: {}, terminals: [] };
    const rest = { ports: [], run: { state: "idle" }, journal: { state: "safe", pending: 0 }, notices: [] };
    end.send(writeFrame(0, FrameType.event, utf8(JSON.stringify({ ...hello, ...rest }))));
  }

  disconnected(end: RunnerEnd): void {
    for (const held of this.documents.values()) {
      for (const entry of held.open) if (entry.end === end) held.open.delete(entry);
    }
  }

  /** A change on disk, such as a formatter's. */
  changeOnDisk(path: string, change: { from: number; to: number; insert: string }): void {
    const held = this.held(path);
    const before = held.version;
    held.apply("disk", ChangeSet.of(change, held.text.length, "\n"));
    this.broadcast(held, before, null);
  }

  /** Forgets the versions before now, as a long history does. */
  forgetHistory(path: string): void {
    const held = this.held(path);
    held.oldest = held.version;
  }

  /** Loses track of the versions, as after a crash that took the log; the text and the sequences stay. */
  renew(path: string): void {
    const held = this.held(path);
    held.incarnation = fresh(held.text.toString());
    held.oldest = held.safe = held.kept = held.version = 0;
    held.history.length = 0;
  }

  /** What there is becomes safe, and is said to be. */
  makeSafe(path: string): void {
    const held = this.held(path);
    held.safe = held.kept = held.version;
    for (const entry of held.open) {
      entry.end.send(writeFrame(entry.channel, FrameType.safe, new ByteWriter().varint(held.version).done()));
    }
  }

  /** What there is has gone to the store; whether it stays there is not known. */
  keep(path: string): void {
    const held = this.held(path);
    held.kept = held.version;
  }

  /** Comes back without its disk: with the text of a version from the newest safe one to the newest kept one, and with nothing that it knew. */
  loseDisk(path: string, pick: (count: number) => number): void {
    const held = this.held(path);
    const kept = held.safe + pick(held.kept - held.safe + 1);
    for (const { undo } of held.since(kept).reverse()) held.text = undo.apply(held.text);
    this.renew(path);
    held.sequences.clear();
  }

  receive(end: RunnerEnd, message: Uint8Array): void {
    const { channel, type, payload } = readFrame(message);
    this.received.set(type, [...(this.received.get(type) ?? []), message.length]);
    if (channel === 0) {
      if (type === FrameType.ping) end.send(writeFrame(0, FrameType.pong, payload));
      else this.request(end, JSON.parse(fromUtf8(payload)) as Request);
      return;
    }
    for (const held of this.documents.values()) {
      for (const entry of held.open) {
        if (entry.end === end && entry.channel === channel) this.push(held, entry, new ByteReader(payload));
      }
    }
  }

  private request(end: RunnerEnd, { id, op, ...args }: Request): void {
    const reply = (result: object) => end.send(writeFrame(0, FrameType.reply, utf8(JSON.stringify({ id, ...result }))));
    if (op === "channel.close") {
      for (const held of this.documents.values()) {
        for (const entry of held.open) {
          if (entry.end === end && entry.channel === args.channel) held.open.delete(entry);
        }
      }
      reply({ result: {} });
      return;
    }
    const held = this.documents.get(args.path);
    if (held === undefined) {
      reply({ error: { code: "not_found", message: "There is no such file." } });
      return;
    }
    const { incarnation, version } = held;
    reply({ result: { incarnation, bom: false, eol: "lf", readOnly: false } });
    const entry = { end, channel: args.channel, client: args.client };
    for (const other of held.open) if (other.client === args.client) held.open.delete(other);
    held.open.add(entry);
    const from = args.version ?? -1;
    if (args.incarnation === incarnation && from >= held.oldest && from <= version) {
      const since = held.since(from);
      if (since.length > 0)
        end.send(writeFrame(entry.channel, FrameType.updates, this.updates(since, from, entry.client)));
    } else {
      this.snapshot(held, entry);
    }
    end.send(writeFrame(entry.channel, FrameType.saved, new ByteWriter().varint(version).done()));
  }

  private push(held: Held, entry: { end: RunnerEnd; channel: number; client: string }, reader: ByteReader): void {
    const base = reader.varint();
    const first = reader.varint();
    if (base < held.oldest || base > held.version) {
      this.snapshot(held, entry);
      return;
    }
    const since = held.since(base);
    let length = since[0]?.changes.length ?? held.text.length;
    const pushed: Pushed[] = [];
    while (!reader.atEnd) {
      const changes = decodeChanges(reader.counted(), length);
      length = changes.newLength;
      pushed.push({ clientID: entry.client, changes });
    }
    const rebased = since.reduce<readonly Pushed[]>((left, one) => rebaseUpdates(left, [one]), pushed);
    if (rebased.length === 0) return;
    const sequence = first + pushed.length - 1;
    if (sequence - rebased.length + 1 <= (held.sequences.get(entry.client) ?? 0)) {
      this.snapshot(held, entry);
      return;
    }
    const before = held.version;
    for (const { changes } of rebased) held.apply(entry.client, changes);
    held.sequences.set(entry.client, sequence);
    const confirm = new ByteWriter().varint(held.version).varint(sequence).done();
    entry.end.send(writeFrame(entry.channel, FrameType.confirm, confirm));
    this.broadcast(held, before, entry);
  }

  private broadcast(held: Held, before: number, author: object | null): void {
    for (const entry of held.open) {
      if (entry !== author) {
        const payload = this.updates(held.since(before), before, entry.client);
        entry.end.send(writeFrame(entry.channel, FrameType.updates, payload));
      }
      const saved = new ByteWriter().varint(held.version).done();
      entry.end.send(writeFrame(entry.channel, FrameType.saved, saved));
    }
  }

  private updates(updates: { clientID: string; changes: ChangeSet }[], before: number, receiver: string): Uint8Array {
    const writer = new ByteWriter().varint(before);
    for (const { clientID, changes } of updates) {
      const author = clientID === receiver ? 0 : clientID === "disk" ? 1 : 2;
      writer.varint(author).counted(encodeChanges(changes));
    }
    return writer.done();
  }

  private snapshot(held: Held, { end, channel, client }: { end: RunnerEnd; channel: number; client: string }): void {
    const writer = new ByteWriter().varint(held.version).varint(held.sequences.get(client) ?? 0);
    end.send(writeFrame(channel, FrameType.snapshot, writer.raw(utf8(held.text.toString())).done()));
  }

  private held(path: string): Held {
    const held = this.documents.get(path);
    if (held === undefined) throw new Error(`no ${path}`);
    return held;
  }
}

interface Pushed {
  clientID: string;
  changes: ChangeSet;
}

interface Request {
  id: number;
  op: string;
  channel: number;
  path: string;
  client: string;
  incarnation?: string;
  version?: number;
}
