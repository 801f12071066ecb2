import { history } from "@codemirror/commands";
import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from "@codemirror/collab";
import type { Extension, StateEffect, Text, Transaction } from "@codemirror/state";
import { ChangeSet, Compartment, EditorState } from "@codemirror/state";
import type { Channel, Connection, ErrorCode, Store } from "@/connection";
import { ByteReader, ByteWriter, FrameError, FrameType, fromUtf8, Value } from "@/connection";
import { decodeChanges, encodeChanges, toText } from "./changes";
import { Confirmed } from "./confirmed";
import type { CursorPlace, OtherCursor } from "./cursors";
import { authorOf, decodeCursors, encodeCursor, forgetCursors, movedOver, othersField, tellCursors } from "./cursors";
import { difference } from "./difference";
import { beganWith } from "./incarnation";
import type { Holding, Kept, Shelf } from "./shelf";

export type DocumentState =
  | { kind: "loading" }
  | {
      kind: "ready";
      /** Changes that the runner has not confirmed yet. */
      unsent: number;
      /** All of it is in the file on disk. */
      saved: boolean;
      /** All of it is in the journal: it survives the loss of any one process. */
      safe: boolean;
      readOnly: boolean;
    }
  | { kind: "gone"; reason: "deleted" | "moved" | "unreadable"; to?: string; message: string }
  | { kind: "refused"; code: ErrorCode; message: string };

/** What shows a document: an EditorView, or nothing more than its `update` in tests. */
export interface DocumentView {
  readonly state: EditorState;
  update(transactions: readonly Transaction[]): void;
}

/** Milliseconds between a change and its writing to IndexedDB; leaving the page writes at once. */
const keepDelay = 100;
/** Milliseconds after which a page that is opened again gives nothing back of what was confirmed: longer than any node is waited for. */
const maxUnsafeAge = 3_600_000;
/** Bytes of updates in one push: half a frame, so that any single update still fits. */
const maxPush = 4 * 1024 * 1024;
/** Updates in one push; the runner takes 65,536. */
const maxUpdates = 16_384;
/** Unconfirmed updates up to which a lost connection is resumed update by update. */
const maxResumed = 256;
/** Milliseconds in which a page's moves become one word of its place. */
const placeDelay = 50;
/** Any other client's name: collab only asks whether an update is our own. */
const other = "";

/**
 * Takes from what is not confirmed the transactions that made it. Nobody asks for them, and each holds the state before it, with the transactions of that one:
 * by way of any state that something remembers, every state since the file was opened.
 */
function forgetOrigins(editor: EditorState): void {
  const updates: readonly { origin?: Transaction }[] = sendableUpdates(editor);
  for (let last = updates.length - 1; updates[last]?.origin !== undefined; last--) delete updates[last]?.origin;
}

/**
 * One document as one editor of this page has it. Its own changes go to the runner and are confirmed in order; those of
 * others come in between and are merged by `@codemirror/collab`. Everything works while there is no connection.
 *
 *     loading -> ready <-> (gone, refused)
 */
export class DocumentClient {
  readonly path: string;
  private readonly connection: Connection;
  private readonly shelf: Shelf;
  private readonly stateValue = new Value<DocumentState>({ kind: "loading" });
  private readonly slot = new Compartment();
  private readonly readOnlySlot = new Compartment();
  private unsubscribe: (() => void) | null = null;
  private disposed = false;

  private client = "";
  private release: () => void = () => undefined;
  private editor: EditorState | null = null;
  private view: DocumentView | null = null;
  /** What the view shows of the text. */
  private seen: () => { top: number; bottom: number } = () => ({ top: 0, bottom: 0 });
  private placeTimer: ReturnType<typeof setTimeout> | null = null;
  /** The place is to be told once all typed is confirmed: it is one in the runner's text. */
  private placeDue = false;
  /** What was told on this channel last; null: nothing, or that the document is not shown. */
  private placeTold: Uint8Array | null = null;
  private readonly othersValue = new Value<readonly OtherCursor[]>([]);

  private channel: Channel | null = null;
  /** The runner's word came on this channel, so its version is ours and pushes may follow. */
  private live = false;
  /** The next open asks for a snapshot: what is known of versions cannot be built upon. */
  private anew = true;
  private incarnation = "";
  /** Of the snapshot that is about to come. */
  private nextIncarnation: string | null = null;
  /** The runner's version less collab's, which only counts. */
  private offset = 0;
  /** What the unconfirmed updates stand upon. */
  private confirmed = new Confirmed(toText(""));
  /** Of the last confirmed update of our own. */
  private sequence = 0;
  /** Of the last one sent on this channel. */
  private pushed = 0;
  private savedVersion = -1;
  private safeVersion = -1;
  private readOnly = false;
  private crlf = false;
  /** The record belongs to the file's new name. */
  private movedTo: string | null = null;
  private keepTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(connection: Connection, shelf: Shelf, path: string) {
    this.connection = connection;
    this.shelf = shelf;
    this.path = path;
  }

  get state(): Store<DocumentState> {
    return this.stateValue;
  }

  /** The editor's state; null while loading. */
  get current(): EditorState | null {
    return this.editor;
  }

  /** Where others are in the document. */
  get others(): Store<readonly OtherCursor[]> {
    return this.othersValue;
  }

  get unsent(): number {
    return this.editor === null ? 0 : sendableUpdates(this.editor).length;
  }

  /** Line ends in the file are CRLF; in the editor they are `\n`. */
  get isCrlf(): boolean {
    return this.crlf;
  }

  /** Takes what the browser kept, then follows the connection. */
  async start(): Promise<void> {
    this.startWith(await this.shelf.take(this.path, false));
  }

  /** Takes kept changes that were not sent, to send them; false when there are none. */
  async startUnsent(): Promise<boolean> {
    const holding = await this.shelf.take(this.path, true);
    if (holding !== null) this.startWith(holding);
    return holding !== null;
  }

  private startWith(holding: Holding): void {
    if (this.disposed) {
      holding.release();
      return;
    }
    this.client = holding.client;
    this.release = holding.release;
    try {
      if (holding.kept !== null) this.restore(holding.kept);
    } catch {
      // A record of another version of this page: it cannot be read any more.
      this.editor = null;
    }
    this.unsubscribe = this.connection.state.subscribe(() => this.openWhenOnline());
    this.openWhenOnline();
  }

  /** The state with `extensions` in place of those of the last time. For a view that is about to {@link attach}. */
  configure(extensions: Extension): EditorState | null {
    if (this.editor === null) return null;
    this.dispatch([this.editor.update({ effects: this.slot.reconfigure(extensions) })]);
    return this.editor;
  }

  /** From now on `view` shows the document, and of it what `seen` says. It passes its transactions to {@link dispatch}. */
  attach(view: DocumentView, seen: () => { top: number; bottom: number } = () => ({ top: 0, bottom: 0 })): void {
    this.view = view;
    this.seen = seen;
    this.placeMoved();
  }

  detach(view: DocumentView): void {
    if (this.view !== view) return;
    this.view = null;
    if (this.placeTold !== null) this.channel?.send(FrameType.cursor, new Uint8Array(0));
    this.placeTold = null;
  }

  /** This page is somewhere else in the document: others are told a moment later. While nobody else is here, nobody is. */
  placeMoved(): void {
    if (this.view === null || (this.connection.hello.get()?.people.here.length ?? 0) < 2) return;
    this.placeTimer ??= setTimeout(() => {
      this.placeTimer = null;
      this.tellPlace();
    }, placeDelay);
  }

  /** Applies transactions made on the current state, and sends what they changed. */
  dispatch(transactions: readonly Transaction[]): void {
    const last = transactions.at(-1);
    if (last === undefined) return;
    if (this.view !== null) this.view.update(transactions);
    this.editor = last.state;
    this.tellOthers();
    const changed = transactions.some((t) => t.docChanged);
    if (changed || transactions.some((t) => t.selection !== undefined)) this.placeMoved();
    if (!changed) return;
    forgetOrigins(this.editor);
    this.flush(false);
    this.keepSoon();
    this.tell();
  }

  /** Sends what is not on its way yet, even while an earlier push is. */
  pushNow(): void {
    this.flush(true);
  }

  /** Writes to IndexedDB what has changed. For the moment at which the page may end. */
  keepNow(): void {
    if (this.keepTimer !== null) this.keep();
  }

  /** Opens again what was gone or refused. */
  retry(): void {
    const { kind } = this.stateValue.get();
    if (kind !== "gone" && kind !== "refused") return;
    this.stateValue.set({ kind: "loading" });
    this.openWhenOnline();
  }

  /** Ends the client; what is unconfirmed stays on the shelf. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.keepNow();
    if (this.placeTimer !== null) clearTimeout(this.placeTimer);
    this.unsubscribe?.();
    this.channel?.close();
    this.channel = null;
    this.live = false;
    this.release();
  }

  // ---- From the shelf

  private restore(kept: Kept): void {
    const confirmed = Confirmed.from(kept, kept.version);
    this.readOnly = kept.readOnly;
    this.create(confirmed.text, kept.version);
    if (Date.now() - kept.touched < maxUnsafeAge) this.confirmed = confirmed;
    let editor = this.editor;
    for (const sections of kept.unconfirmed) {
      if (editor === null) break;
      editor = editor.update({ changes: decodeChanges(sections, editor.doc.length) }).state;
      forgetOrigins(editor);
    }
    this.editor = editor;
    this.anew = false;
    this.incarnation = kept.incarnation;
    this.sequence = kept.sequence;
    this.crlf = kept.crlf;
    // What the runner confirmed stands in its log at least.
    this.savedVersion = kept.version;
    this.keepSoon();
    this.tell();
  }

  private create(text: Text, version: number): void {
    this.confirmed = new Confirmed(text);
    this.offset = 0;
    this.editor = EditorState.create({
      doc: text,
      extensions: [
        EditorState.lineSeparator.of("\n"),
        EditorState.allowMultipleSelections.of(true),
        collab({ clientID: this.client, startVersion: version }),
        history(),
        othersField,
        this.readOnlySlot.of(EditorState.readOnly.of(this.readOnly)),
        this.slot.of([]),
      ],
    });
  }

  /** Writes to IndexedDB in a moment. */
  keepSoon(): void {
    this.keepTimer ??= setTimeout(() => this.keep(), keepDelay);
  }

  private keep(): void {
    if (this.keepTimer !== null) clearTimeout(this.keepTimer);
    this.keepTimer = null;
    if (this.editor === null || this.movedTo !== null) return;
    this.keepAs(this.path);
  }

  private keepAs(path: string): void {
    if (this.editor === null) return;
    const { text, ...since } = this.confirmed.toWrite();
    const tail = {
      ...since,
      incarnation: this.incarnation,
      version: this.version,
      readOnly: this.readOnly,
      crlf: this.crlf,
      sequence: this.sequence,
      unconfirmed: sendableUpdates(this.editor).map((update) => encodeChanges(update.changes)),
      length: this.confirmed.text.length,
    };
    const { confirmed } = this;
    this.shelf.put(this.client, path, tail, text, () => confirmed.writeAnew());
  }

  // ---- To the runner and back

  private get version(): number {
    return this.editor === null ? 0 : getSyncedVersion(this.editor) + this.offset;
  }

  private openWhenOnline(): void {
    const { kind } = this.stateValue.get();
    if (this.disposed || this.channel !== null || !this.connection.online) return;
    if (kind !== "loading" && kind !== "ready") return;
    // Someone else has signed in since: what is here is not theirs to send.
    if (!this.shelf.isOf(this.connection.hello.get()?.user ?? 0)) return;
    // What is merged is the product of what both sides did meanwhile; after long work apart a snapshot is far less.
    const resumable = !this.anew && this.editor !== null && this.unsent <= maxResumed;
    const resume = resumable ? { incarnation: this.incarnation, version: this.version } : {};
    this.live = false;
    this.placeTold = null;
    this.pushed = this.sequence;
    this.channel = this.connection.openChannel(
      "document.open",
      { path: this.path, client: this.client, ...resume },
      {
        opened: (result) => {
          const sameHistory = resumable && result.incarnation === this.incarnation;
          this.crlf = result.eol === "crlf";
          this.setReadOnly(result.readOnly);
          if (sameHistory) {
            // The version that we know is one of the runner's, so what is unconfirmed need not wait for its word.
            this.live = true;
            this.flush(false);
            this.placeMoved();
          } else {
            this.nextIncarnation = result.incarnation;
          }
        },
        failed: (error) => {
          this.channel = null;
          // Busy passes: the next connection asks again, and so does a retry by the user.
          this.stateValue.set({ kind: "refused", code: error.code, message: error.message });
        },
        frame: (type, payload) => this.receive(type, payload),
        lost: () => {
          this.channel = null;
          this.live = false;
          this.forgetOthers();
          this.tell();
        },
      },
    );
  }

  private setReadOnly(readOnly: boolean): void {
    if (this.readOnly === readOnly) return;
    this.readOnly = readOnly;
    if (this.editor === null) return;
    const effects = this.readOnlySlot.reconfigure(EditorState.readOnly.of(readOnly));
    this.dispatch([this.editor.update({ effects })]);
    this.tell();
  }

  // Sends all unconfirmed updates, when some were not sent yet and no push is under way (or in any case: `now`).
  private flush(now: boolean): void {
    if (!this.live || this.channel === null || this.editor === null || this.readOnly) return;
    const updates = sendableUpdates(this.editor);
    const last = this.sequence + updates.length;
    if (last <= this.pushed || (this.pushed > this.sequence && !now)) return;
    const writer = new ByteWriter(64).varint(this.version).varint(this.sequence + 1);
    let count = 0;
    for (const update of updates) {
      const sections = encodeChanges(update.changes);
      // The rest follows when these are confirmed.
      if (count === maxUpdates || (count > 0 && writer.length + sections.length > maxPush)) break;
      writer.counted(sections);
      count++;
    }
    this.pushed = Math.max(this.pushed, this.sequence + count);
    this.channel.send(FrameType.push, writer.done());
  }

  private receive(type: number, payload: Uint8Array): void {
    const reader = new ByteReader(payload);
    switch (type) {
      case FrameType.snapshot:
        this.receiveSnapshot(reader.varint(), reader.varint(), toText(fromUtf8(reader.rest())));
        break;
      case FrameType.updates:
        this.receiveUpdates(reader.varint(), reader);
        break;
      case FrameType.confirm:
        this.receiveConfirm(reader.varint(), reader.varint());
        break;
      case FrameType.saved:
        this.savedVersion = reader.varint();
        break;
      case FrameType.safe:
        this.safeVersion = reader.varint();
        this.confirmed.safeUpTo(this.safeVersion);
        break;
      case FrameType.cursors:
        this.receiveCursors(reader.varint(), decodeCursors(reader));
        return;
      case FrameType.gone:
        this.receiveGone(JSON.parse(fromUtf8(payload)) as GoneMessage);
        return;
      default:
        throw new FrameError(`type ${type} on a document's channel`);
    }
    this.tell();
  }

  private receiveSnapshot(version: number, last: number, text: Text): void {
    const newHistory = this.nextIncarnation !== null && this.nextIncarnation !== this.incarnation;
    this.incarnation = this.nextIncarnation ?? this.incarnation;
    if (this.nextIncarnation !== null) {
      // Another run of versions, or the first: what is saved and safe is said after the snapshot.
      this.savedVersion = -1;
      this.safeVersion = -1;
    }
    this.nextIncarnation = null;
    this.anew = false;
    if (this.editor === null) {
      this.sequence = last;
      this.create(text, version);
    } else {
      const known = Math.min(Math.max(last - this.sequence, 0), this.unsent);
      // A runner that lost track of the document also lost our sequences.
      const begun = newHistory && known === 0 && this.beginAgain();
      if (!begun) this.moveOnTo(text, version, known, newHistory);
      this.sequence = Math.max(last, this.sequence);
      if (begun && version > 0) {
        // What came after it is asked for one by one: the next runner may begin with any of that.
        this.openAgain();
        return;
      }
    }
    this.live = true;
    this.pushed = this.sequence;
    this.keepSoon();
    this.flush(false);
    this.placeMoved();
  }

  // Goes back to the text that the runner began anew with, and makes all of our own that is not in it once more, confirmed or not, where it was; false when
  // that text is none that we know.
  private beginAgain(): boolean {
    if (this.editor === null) return false;
    const sent = this.sentAtFirst();
    if (sent !== null) {
      this.moveOnTo(sent.text, 0, sent.count, true);
      return true;
    }
    const first = this.confirmed.firstOf(this.incarnation);
    if (first === null) return false;
    const { text, missing, without } = first;
    const unconfirmed = this.sendable(this.confirmed.text.length);
    const selection = this.editor.selection.map(without.map(unconfirmed, true));
    this.moveOnTo(text, 0, 0, true, without.compose(missing.invert(text)));
    if (missing.empty) return true;
    const changes = this.sendable(text.length).invert(text).compose(missing).compose(unconfirmed.map(without));
    this.dispatch([this.editor.update({ changes, selection })]);
    return true;
  }

  // How many of our unconfirmed updates, in their order, make of the confirmed text the one that the runner began with, and that text.
  private sentAtFirst(): { count: number; text: Text } | null {
    if (this.editor === null || beganWith(this.incarnation, this.confirmed.text)) return null;
    let [text, found]: [Text, { count: number; text: Text } | null] = [this.confirmed.text, null];
    for (const [at, { changes }] of sendableUpdates(this.editor).entries()) {
      text = changes.apply(text);
      if (beganWith(this.incarnation, text)) found = { count: at + 1, text };
    }
    return found;
  }

  // All that is unconfirmed, as one change of the confirmed text.
  private sendable(length: number): ChangeSet {
    const updates = this.editor === null ? [] : sendableUpdates(this.editor);
    return updates.reduce((all, { changes }) => all.compose(changes), ChangeSet.empty(length));
  }

  // Makes `text` at `version` the confirmed one, with the first `contained` of our unconfirmed updates in it; `exact`: what led there, where it is known.
  private moveOnTo(text: Text, version: number, contained: number, newHistory: boolean, exact?: ChangeSet): void {
    if (this.editor === null) return;
    const own = sendableUpdates(this.editor).slice(0, contained);
    const updates = own.map(({ changes }) => ({ changes, clientID: this.client }));
    const base = own.reduce((doc, { changes }) => changes.apply(doc), this.confirmed.text);
    const change = exact ?? difference(base, text);
    this.sequence += contained;
    this.receiveInto(change.empty ? updates : [...updates, { changes: change, clientID: other }]);
    this.offset += version - this.version;
    if (newHistory) {
      this.confirmed = new Confirmed(text);
    } else {
      for (const { changes } of own) this.confirmed.add(changes, true, version);
      this.confirmed.add(change, false, version);
    }
  }

  private receiveUpdates(before: number, reader: ByteReader): void {
    if (this.editor === null) throw new FrameError("updates before the snapshot");
    if (before !== this.version) {
      this.startAnew();
      return;
    }
    const updates: CollabUpdate[] = [];
    let { length } = this.confirmed.text;
    while (!reader.atEnd) {
      const author = reader.varint();
      const changes = decodeChanges(reader.counted(), length);
      length = changes.newLength;
      updates.push({ changes, clientID: author === 0 ? this.client : other, effects: [authorOf.of(author)] });
    }
    const own = updates.filter((update) => update.clientID === this.client).length;
    if (own > this.unsent) {
      this.startAnew();
      return;
    }
    for (const [at, { changes, clientID }] of updates.entries()) {
      this.confirmed.add(changes, clientID === this.client, before + at + 1);
    }
    this.sequence += own;
    this.pushed = Math.max(this.pushed, this.sequence);
    this.receiveInto(updates);
    this.flush(false);
  }

  private receiveConfirm(version: number, sequence: number): void {
    if (this.editor === null) throw new FrameError("a confirmation before the snapshot");
    const unconfirmed = sendableUpdates(this.editor);
    // A push sent twice is confirmed twice.
    const count = sequence - this.sequence;
    if (count <= 0) return;
    if (count > unconfirmed.length || this.version + count !== version) {
      this.startAnew();
      return;
    }
    const updates = unconfirmed.slice(0, count).map(({ changes }) => ({ changes, clientID: this.client }));
    for (const [at, { changes }] of updates.entries()) {
      this.confirmed.add(changes, true, this.version + at + 1);
    }
    this.sequence = sequence;
    this.receiveInto(updates);
    this.flush(false);
  }

  // One after the other, as the runner rebases: mapped over two changes composed into one, an insertion beside them may
  // come to stand on the other side of theirs, and the two texts would differ.
  private receiveInto(updates: readonly CollabUpdate[]): void {
    if (this.editor === null || updates.length === 0) return;
    const transactions: Transaction[] = [];
    for (const update of updates) {
      const transaction = receiveUpdates(this.editor, [update]);
      transactions.push(transaction);
      this.editor = transaction.state;
    }
    this.view?.update(transactions);
    this.tellOthers();
    this.keepSoon();
  }

  // ---- Where people are

  private tellPlace(): void {
    if (!this.live || this.channel === null || this.editor === null || this.view === null) return;
    this.placeDue = this.unsent > 0;
    if (this.placeDue) return;
    const { main, ranges } = this.editor.selection;
    const place = { ...this.seen(), ranges: [main, ...ranges.filter((range) => range !== main)] };
    const payload = encodeCursor(this.version, place);
    if (this.placeTold?.length === payload.length && payload.every((byte, i) => byte === this.placeTold?.[i])) return;
    this.placeTold = payload;
    this.channel.send(FrameType.cursor, payload);
  }

  private receiveCursors(version: number, told: ReturnType<typeof decodeCursors>): void {
    // Between a word about the text and one about places in it the runner sends nothing that this page could have missed.
    if (this.editor === null || version !== this.version) return;
    const { length } = this.confirmed.text;
    const unconfirmed = sendableUpdates(this.editor);
    const here = (place: CursorPlace) =>
      unconfirmed.reduce((now, { changes }) => movedOver(now, changes, false), inside(place, length));
    const places = told.map((one) => ({ ...one, place: one.place && here(one.place) }));
    this.dispatch([this.editor.update({ effects: tellCursors.of(places) })]);
  }

  private forgetOthers(): void {
    if (this.editor === null || this.othersValue.get().length === 0) return;
    this.dispatch([this.editor.update({ effects: forgetCursors.of(null) })]);
  }

  private tellOthers(): void {
    if (this.editor !== null) this.othersValue.set(this.editor.field(othersField));
  }

  // The two sides disagree about versions: asks for the whole text, and merges what is unconfirmed into it.
  private startAnew(): void {
    this.anew = true;
    this.openAgain();
  }

  // Goes on from the version that is known, on another channel.
  private openAgain(): void {
    this.channel?.close();
    this.channel = null;
    this.live = false;
    this.forgetOthers();
    this.openWhenOnline();
  }

  private receiveGone(gone: GoneMessage): void {
    this.channel?.ended();
    this.channel = null;
    this.live = false;
    this.anew = true;
    this.forgetOthers();
    this.keep();
    if (gone.reason === "moved" && gone.to !== undefined) this.moveTo(gone.to);
    this.stateValue.set({ kind: "gone", ...gone });
  }

  // What is unconfirmed follows the file: whoever opens it under its new name takes it over from the shelf.
  private moveTo(to: string): void {
    this.confirmed.writeAnew();
    this.keepAs(to);
    this.movedTo = to;
    this.release();
  }

  private tell(): void {
    if (this.placeDue && this.unsent === 0) {
      this.placeDue = false;
      this.placeMoved();
    }
    const old = this.stateValue.get();
    if (this.editor === null || (old.kind !== "ready" && old.kind !== "loading")) return;
    const unsent = this.unsent;
    const saved = unsent === 0 && this.savedVersion >= this.version;
    const safe = saved && this.safeVersion >= this.version;
    const { readOnly } = this;
    if (old.kind === "ready" && old.unsent === unsent && old.saved === saved && old.safe === safe) {
      if (old.readOnly === readOnly) return;
    }
    this.stateValue.set({ kind: "ready", unsent, saved, safe, readOnly });
  }
}

interface CollabUpdate {
  changes: ChangeSet;
  clientID: string;
  effects?: readonly StateEffect<unknown>[];
}

/** The place, if the text has it. */
function inside(place: CursorPlace, length: number): CursorPlace {
  const positions = [place.top, place.bottom, ...place.ranges.flatMap(({ anchor, head }) => [anchor, head])];
  if (positions.some((position) => position > length)) throw new FrameError("a cursor is outside the text");
  return place;
}

interface GoneMessage {
  reason: "deleted" | "moved" | "unreadable";
  to?: string;
  message: string;
}
