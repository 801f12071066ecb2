import type { Connection, Store } from "@/connection";
import { Value } from "@/connection";
import type { DocumentState } from "./client";
import { DocumentClient } from "./client";
import { account } from "./account";
import { Shelf, type Keeping } from "./shelf";

/** One open document. `close` gives it back; the last one to give it back ends it, once its changes are sent. */
export interface DocumentHandle {
  readonly path: string;
  readonly state: Store<DocumentState>;
  /** For the editor. */
  readonly client: DocumentClient;
  /** Tries again to open what is `gone` or `refused`. */
  retry(): void;
  close(): void;
}

interface Open {
  client: DocumentClient;
  handles: number;
  unsubscribe: () => void;
}

/** The open documents of one workspace. */
export class Documents {
  private readonly connection: Connection;
  private readonly shelf: Shelf;
  private readonly dirtyValue = new Value<readonly string[]>([]);
  private readonly opened = new Map<string, Open>();
  private readonly couriers = new Set<DocumentClient>();
  private readonly undo: (() => void)[] = [];
  private closed = false;

  /** @param factory, locks, user: the browser's; others for tests. */
  constructor(
    connection: Connection,
    factory: IDBFactory | null = typeof indexedDB === "undefined" ? null : indexedDB,
    locks: LockManager | null = browserLocks(),
    user: Store<number | null> = account,
  ) {
    this.connection = connection;
    this.shelf = new Shelf(connection.slug, factory, locks, user.get);
    if (typeof window !== "undefined") {
      const leave = () => this.keepAll();
      window.addEventListener("pagehide", leave);
      document.addEventListener("visibilitychange", leave);
      this.undo.push(() => window.removeEventListener("pagehide", leave));
      this.undo.push(() => document.removeEventListener("visibilitychange", leave));
    }
    // What came before it was known for whom is kept now.
    this.undo.push(
      user.subscribe(() => {
        for (const { client } of this.opened.values()) client.keepSoon();
      }),
    );
    // Who was alone has said nothing of where they are.
    this.undo.push(
      connection.on("people", () => {
        for (const { client } of this.opened.values()) client.placeMoved();
      }),
    );
    void this.deliver();
  }

  /** Paths with changes that are not in the file on disk yet, sorted. */
  get dirty(): Store<readonly string[]> {
    return this.dirtyValue;
  }

  /** How far this browser keeps what is typed. */
  get keeping(): Store<Keeping> {
    return this.shelf.keeping;
  }

  /** Paths that can be opened without a connection, the last ones first. */
  kept(): Promise<string[]> {
    return this.shelf.paths();
  }

  /** Opens a document; one that is open already is shared. */
  open(path: string): DocumentHandle {
    const open = this.find(path);
    open.handles++;
    let given = true;
    return {
      path,
      state: open.client.state,
      client: open.client,
      retry: () => open.client.retry(),
      close: () => {
        if (!given) return;
        given = false;
        open.handles--;
        this.endIfDone(path, open);
      },
    };
  }

  /** Sends at once every change that is not on its way yet. */
  pushAll(): void {
    for (const { client } of this.opened.values()) client.pushNow();
    for (const client of this.couriers) client.pushNow();
  }

  /** Writes to IndexedDB what has changed. */
  keepAll(): void {
    for (const { client } of this.opened.values()) client.keepNow();
  }

  /** Ends all documents; changes that are not sent yet stay in the browser. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const undo of this.undo) undo();
    for (const [path, open] of [...this.opened]) this.end(path, open);
    for (const client of this.couriers) client.dispose();
    this.shelf.close();
  }

  private find(path: string): Open {
    const old = this.opened.get(path);
    if (old !== undefined) {
      const { kind } = old.client.state.get();
      if (old.handles > 0 || (kind !== "gone" && kind !== "refused")) return old;
      this.end(path, old);
    }
    const client = new DocumentClient(this.connection, this.shelf, path);
    const open: Open = { client, handles: 0, unsubscribe: () => undefined };
    open.unsubscribe = client.state.subscribe(() => {
      this.tell();
      this.endIfDone(path, open);
    });
    this.opened.set(path, open);
    void client.start().then(() => this.deliverOthers(path));
    return open;
  }

  // Several closed pages may have left changes in one document: each record goes out under its own client.
  private async deliverOthers(path: string): Promise<void> {
    if (this.closed) return;
    const client = new DocumentClient(this.connection, this.shelf, path);
    this.couriers.add(client);
    const unsubscribe = client.state.subscribe(() => {
      const state = client.state.get();
      if (state.kind === "loading" || (state.kind === "ready" && state.unsent > 0)) return;
      unsubscribe();
      this.couriers.delete(client);
      client.dispose();
    });
    if (await client.startUnsent()) {
      await this.deliverOthers(path);
      return;
    }
    unsubscribe();
    this.couriers.delete(client);
    client.dispose();
  }

  // Changes that an earlier page did not get rid of go out, whether their document is opened again or not.
  private async deliver(): Promise<void> {
    for (const path of await this.shelf.unsent()) {
      if (this.closed) return;
      this.find(path);
    }
  }

  // A document that nobody holds stays until its changes are sent, or cannot be.
  private endIfDone(path: string, open: Open): void {
    if (open.handles > 0 || this.opened.get(path) !== open) return;
    const state = open.client.state.get();
    if (state.kind === "loading" || (state.kind === "ready" && (state.unsent > 0 || !state.saved))) return;
    this.end(path, open);
  }

  private end(path: string, open: Open): void {
    this.opened.delete(path);
    open.unsubscribe();
    open.client.dispose();
    this.tell();
  }

  private tell(): void {
    const dirty: string[] = [];
    for (const [path, { client }] of this.opened) {
      const state = client.state.get();
      if (state.kind === "ready" && !state.saved) dirty.push(path);
    }
    dirty.sort();
    const old = this.dirtyValue.get();
    if (old.length !== dirty.length || old.some((path, i) => path !== dirty[i])) this.dirtyValue.set(dirty);
  }
}

function browserLocks(): LockManager | null {
  // Typed as always there; missing on pages that are neither https nor localhost.
  const locks = typeof navigator === "undefined" ? undefined : (navigator as { locks?: LockManager }).locks;
  return locks ?? null;
}
