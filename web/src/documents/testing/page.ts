import type { EditorState } from "@codemirror/state";
import { Connection, Value } from "@/connection";
import type { DocumentHandle } from "../documents";
import { Documents } from "../documents";
import type { Network } from "./network";

/** Web Locks in memory: one name, one holder, until its page ends. */
export class Locks {
  private readonly held = new Map<string, object>();
  private readonly ended = new WeakSet();

  /** As the page sees them. */
  of(page: object): LockManager {
    const request = async (name: string, _: LockOptions, callback: (lock: Lock | null) => unknown) => {
      // What a page asked for before it ended is never answered.
      if (this.ended.has(page)) return new Promise(() => undefined);
      if (this.held.has(name)) return callback(null);
      this.held.set(name, page);
      await callback({ name, mode: "exclusive" });
      if (this.held.get(name) === page) this.held.delete(name);
      return undefined;
    };
    return { request } as unknown as LockManager;
  }

  release(page: object): void {
    this.ended.add(page);
    for (const [name, holder] of this.held) if (holder === page) this.held.delete(name);
  }
}

/** A page with a document open, as far as there can be one without a browser. */
export class Page {
  readonly connection: Connection;
  readonly documents: Documents;
  readonly handle: DocumentHandle;
  private readonly locks: Locks;
  private readonly databases: IDBDatabase[] = [];

  constructor(network: Network, factory: IDBFactory, locks: Locks, path: string, user = new Value<number | null>(1)) {
    this.locks = locks;
    const enter = () => Promise.resolve({ ticket: "t", origin: "http://w.localhost" });
    this.connection = new Connection("w", enter, network.connect);
    const spied = {
      open: (name: string, version: number) => {
        const request = factory.open(name, version);
        request.addEventListener("success", () => this.databases.push(request.result));
        return request;
      },
    };
    this.documents = new Documents(this.connection, spied as IDBFactory, locks.of(this), user);
    this.handle = this.documents.open(path);
  }

  get editor(): EditorState | null {
    return this.handle.client.current;
  }

  get text(): string | null {
    return this.editor?.doc.toString() ?? null;
  }

  get settled(): boolean {
    const state = this.handle.state.get();
    return this.connection.online && state.kind === "ready" && state.unsent === 0 && state.saved;
  }

  get caret(): number {
    return this.editor?.selection.main.head ?? 0;
  }

  /** Replaces a stretch, as typing does; false while the document is loading. */
  type(from: number, to: number, insert: string): boolean {
    if (this.editor === null) return false;
    const selection = { anchor: from + insert.length };
    this.handle.client.dispatch([this.editor.update({ changes: { from, to, insert }, selection })]);
    return true;
  }

  /** The page goes away in an orderly way: what the browser shall keep is written. */
  leave(): void {
    this.documents.keepAll();
    this.crash();
  }

  /** The page is gone from one moment to the next. */
  crash(): void {
    for (const database of this.databases) database.close();
    this.connection.close();
    this.locks.release(this);
  }
}
