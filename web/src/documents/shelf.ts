/**
 * What the browser keeps of open documents in IndexedDB, so that a reload, a crash of the page or a runner that is not
 * there loses nothing. A record belongs to one client (one editor of one document in one page) while that page lives;
 * Web Locks say whether it does. A record is in two parts: the text, seldom written, and its tail, written while typing.
 */

import { Value, type Store } from "@/connection/store";
import type { Written } from "./confirmed";

/** What a document is to its client, as kept. */
export interface Kept extends Written {
  client: string;
  incarnation: string;
  /** At the end of what was written. */
  version: number;
  readOnly: boolean;
  crlf: boolean;
  /** Sequence of the last confirmed update. */
  sequence: number;
  /** Sections of each unconfirmed update, one upon the other, the first upon the text at `version`. */
  unconfirmed: Uint8Array[];
  /** Last written; Unix milliseconds. */
  touched: number;
}

/** What is written while typing. */
export interface Tail {
  /** Sections of each confirmed update behind the text part, up to `version`. */
  since: Uint8Array[];
  /** Of each of these: typed in this page. A record of an earlier form does not say. */
  own?: boolean[];
  incarnation: string;
  version: number;
  readOnly: boolean;
  crlf: boolean;
  sequence: number;
  unconfirmed: Uint8Array[];
  /** Of the text, in UTF-16 units. */
  length: number;
}

interface TailRecord extends Tail {
  /** Whose it is; a record of an earlier form says nothing. */
  user?: number;
  workspace: string;
  path: string;
  client: string;
  /** Last written; Unix milliseconds. */
  touched: number;
}

interface TextRecord {
  client: string;
  workspace: string;
  path: string;
  text: string;
}

/** A record taken from the shelf, with what gives it back to other pages. */
export interface Holding {
  client: string;
  /** Null for a new one, and when nothing was kept. */
  kept: Kept | null;
  release: () => void;
}

/** Records without unconfirmed changes are a convenience: the newest this many are kept in a browser. */
const maxIdle = 64;
/** And of those no more than this in all, UTF-16 units: twelve of the largest documents. */
const maxIdleLength = 60_000_000;
/** Unconfirmed changes that nobody came back for are given up after this; milliseconds. */
const maxAge = 90 * 24 * 3600 * 1000;

/**
 * How far what is typed is kept: for every page of this `browser`; for this `tab` and its reloads, where pages cannot
 * agree on who holds a record; or `not` at all: there is no database, or no room in it.
 */
export type Keeping = "browser" | "tab" | "not";

export class Shelf {
  private readonly keepingValue: Value<Keeping>;
  private readonly user: () => number | null;
  private readonly workspace: string;
  private readonly locks: LockManager | null;
  private readonly database: Promise<IDBDatabase | null>;
  private opened: IDBDatabase | null = null;

  /**
   * @param factory null where there is no IndexedDB (some private windows): then nothing is kept.
   * @param locks null where there are none (pages not on https or localhost): then a record is taken over only by a
   *   reload of the page that wrote it.
   * @param user who is signed in; nothing is kept, or taken, for anybody else.
   */
  constructor(workspace: string, factory: IDBFactory | null, locks: LockManager | null, user: () => number | null) {
    this.workspace = workspace;
    this.user = user;
    this.keepingValue = new Value<Keeping>(factory === null ? "not" : locks === null ? "tab" : "browser");
    this.locks = locks;
    this.database = factory === null ? Promise.resolve(null) : open(factory).catch(() => null);
    void this.database.then((database) => {
      this.opened = database;
      if (database === null) this.keepingValue.set("not");
    });
  }

  get keeping(): Store<Keeping> {
    return this.keepingValue;
  }

  /** Whether a runner that knows the page by this user may be told what is kept. */
  isOf(user: number): boolean {
    const own = this.user();
    return own === null || user === 0 || own === user;
  }

  /** Paths of this workspace that are kept, the last ones first. */
  async paths(): Promise<string[]> {
    const records = (await this.own()).filter((record) => record.workspace === this.workspace);
    return [...new Set(records.sort((a, b) => b.touched - a.touched).map(({ path }) => path))];
  }

  private async own(): Promise<TailRecord[]> {
    const database = await this.database;
    const all = database && (await attempt<TailRecord[]>(database, "readonly", (tails) => tails.getAll()));
    return (all ?? []).filter((record) => this.isMine(record));
  }

  private isMine({ user }: TailRecord): boolean {
    return user === undefined || user === this.user();
  }

  /** Paths of this workspace that have unconfirmed changes on the shelf, of living pages too; drops what is too old. */
  async unsent(): Promise<string[]> {
    const database = await this.database;
    if (database === null) return [];
    const all = await attempt<TailRecord[]>(database, "readonly", (tails) => tails.getAll());
    const records = all ?? [];
    const idle = records.filter((r) => r.unconfirmed.length === 0).sort((a, b) => b.touched - a.touched);
    const oldest = Date.now() - maxAge;
    let length = 0;
    const beyond = idle.filter((r, at) => (length += r.length) > maxIdleLength || at >= maxIdle);
    const dropped = [...beyond, ...records.filter((r) => r.touched < oldest)];
    for (const { client } of dropped) {
      const release = await this.lock(client);
      if (release === null) continue;
      this.remove(client);
      release();
    }
    const here = records.filter((r) => r.workspace === this.workspace && this.isMine(r));
    const unsent = here.filter((r) => r.unconfirmed.length > 0);
    return [...new Set(unsent.map((r) => r.path))];
  }

  /**
   * Takes a record of the document that no living page holds, one with unconfirmed changes first, then the newest. A
   * record without unconfirmed changes gives its text only: its client is a new one.
   * @param unsentOnly null instead of a record without unconfirmed changes, or a new one.
   */
  async take(path: string, unsentOnly: true): Promise<Holding | null>;
  async take(path: string, unsentOnly: false): Promise<Holding>;
  async take(path: string, unsentOnly: boolean): Promise<Holding | null> {
    const database = await this.database;
    if (database !== null) {
      const mine = IDBKeyRange.only([this.workspace, path]);
      const found = await attempt<TailRecord[]>(database, "readonly", (tails) => tails.index("path").getAll(mine));
      const order = (r: TailRecord) => (r.unconfirmed.length > 0 ? 1 : 0);
      const own = (found ?? []).filter((record) => this.isMine(record));
      for (const record of own.sort((a, b) => order(b) - order(a) || b.touched - a.touched)) {
        if (unsentOnly && record.unconfirmed.length === 0) break;
        const release = await this.lock(record.client);
        if (release === null) continue;
        const kept = await this.read(database, record.client);
        if (kept !== null && kept.unconfirmed.length > 0) return { client: record.client, kept, release };
        this.remove(record.client);
        release();
        if (kept !== null && !unsentOnly) return { ...(await this.fresh()), kept };
      }
    }
    return unsentOnly ? null : this.fresh();
  }

  /**
   * Keeps a document; `text` when the text part is to be written anew. Begins at once, so it may be called on leaving.
   * @param failed called when nothing was written: the next tail needs its text with it.
   */
  put(client: string, path: string, tail: Tail, text: string | null, failed: () => void): void {
    const database = this.opened;
    const user = this.user();
    if (database === null || user === null) {
      failed();
      return;
    }
    try {
      const transaction = database.transaction(["tails", "texts"], "readwrite");
      transaction.oncomplete = () => this.keepingValue.set(this.locks === null ? "tab" : "browser");
      transaction.onabort = () => {
        this.keepingValue.set("not");
        failed();
      };
      const record: TailRecord = { ...tail, user, workspace: this.workspace, path, client, touched: Date.now() };
      transaction.objectStore("tails").put(record);
      if (text !== null) {
        transaction.objectStore("texts").put({ client, workspace: this.workspace, path, text } satisfies TextRecord);
      }
      transaction.commit();
    } catch {
      // The database was closed: the page still holds everything, only a reload would lose it.
      this.keepingValue.set("not");
      failed();
    }
  }

  remove(client: string): void {
    if (this.opened === null) return;
    try {
      const transaction = this.opened.transaction(["tails", "texts"], "readwrite");
      transaction.objectStore("tails").delete(client);
      transaction.objectStore("texts").delete(client);
      transaction.commit();
    } catch {
      // As in put; what stays is found again and pruned.
    }
  }

  /** Ends the use of the database. */
  close(): void {
    void this.database.then((database) => database?.close());
    this.opened = null;
  }

  private async read(database: IDBDatabase, client: string): Promise<Kept | null> {
    const tail = await attempt<TailRecord | undefined>(database, "readonly", (tails) => tails.get(client));
    const head = await attempt<TextRecord | undefined>(database, "readonly", (_, texts) => texts.get(client));
    if (tail === undefined || tail === null || head === undefined || head === null) return null;
    return { ...tail, own: tail.own ?? [], text: head.text };
  }

  private async fresh(): Promise<Holding> {
    const client = newClient();
    return { client, kept: null, release: (await this.lock(client, true)) ?? (() => undefined) };
  }

  // Answers what gives the lock back, null when a living page holds it.
  private async lock(client: string, own = false): Promise<(() => void) | null> {
    if (this.locks === null) return this.lockByPage(client, own);
    const locks = this.locks;
    return new Promise((resolve) => {
      locks
        .request(`dropit-document:${client}`, { ifAvailable: true }, (lock) => {
          if (lock === null) {
            resolve(null);
            return undefined;
          }
          return new Promise<void>((release) => resolve(() => release()));
        })
        .catch(() => resolve(null));
    });
  }

  private lockByPage(client: string, own: boolean): (() => void) | null {
    const mine = reloadedClients();
    if (!own && !mine.before.has(client)) return null;
    mine.now.add(client);
    sessionStorage.setItem(sessionKey, JSON.stringify([...mine.now]));
    return () => undefined;
  }
}

/** What one workspace has in this browser. */
export type KeptWorkspace = { slug: string; files: number; unsent: number; touched: number };

/** The workspaces of a user with files in this browser, the last ones first. */
export async function keptWorkspaces(user: number): Promise<KeptWorkspace[]> {
  const found = new Map<string, KeptWorkspace & { paths: Set<string>; waiting: Set<string> }>();
  await withDatabase(async (database) => {
    const all = await attempt<TailRecord[]>(database, "readonly", (tails) => tails.getAll());
    for (const record of all ?? []) {
      if (record.user !== undefined && record.user !== user) continue;
      const { workspace: slug, path, touched } = record;
      const one = found.get(slug) ?? { slug, files: 0, unsent: 0, touched: 0, paths: new Set(), waiting: new Set() };
      one.paths.add(path);
      if (record.unconfirmed.length > 0) one.waiting.add(path);
      found.set(slug, { ...one, touched: Math.max(one.touched, touched) });
    }
  });
  return [...found.values()]
    .map(({ slug, touched, paths, waiting }) => ({ slug, touched, files: paths.size, unsent: waiting.size }))
    .sort((a, b) => b.touched - a.touched);
}

/** Removes what is kept for a user; `unsent`: changes that no server has, too. */
export function forgetKept(user: number, { unsent }: { unsent: boolean }): Promise<void> {
  return withDatabase(async (database) => {
    const all = await attempt<TailRecord[]>(database, "readonly", (tails) => tails.getAll());
    const goes = (r: TailRecord) => (r.user === undefined || r.user === user) && (unsent || r.unconfirmed.length === 0);
    for (const { client } of (all ?? []).filter(goes)) {
      await attempt(database, "readwrite", (tails, texts) => {
        texts.delete(client);
        return tails.delete(client);
      });
    }
  });
}

async function withDatabase(work: (database: IDBDatabase) => Promise<void>): Promise<void> {
  const database = typeof indexedDB === "undefined" ? null : await open(indexedDB).catch(() => null);
  if (database === null) return;
  await work(database);
  database.close();
}

const sessionKey = "dropit-clients";
let reloaded: { before: Set<string>; now: Set<string> } | null = null;

// The clients of the page that this one is a reload of. A duplicated tab also has its session storage, but is no reload.
function reloadedClients() {
  if (reloaded === null) {
    const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const kept = entry?.type === "reload" ? sessionStorage.getItem(sessionKey) : null;
    reloaded = { before: new Set(JSON.parse(kept ?? "[]") as string[]), now: new Set() };
  }
  return reloaded;
}

function newClient(): string {
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => letters[byte % 36]).join("");
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = factory.open("dropit-documents", 1);
    request.onupgradeneeded = () => {
      const tails = request.result.createObjectStore("tails", { keyPath: "client" });
      tails.createIndex("path", ["workspace", "path"]);
      request.result.createObjectStore("texts", { keyPath: "client" });
    };
    request.onsuccess = () => {
      // Another page wants a newer form: let it.
      request.result.onversionchange = () => request.result.close();
      resolve(request.result);
    };
    request.onerror = () => reject(new Error("IndexedDB does not open"));
    request.onblocked = () => reject(new Error("IndexedDB is held in an older form by another page"));
  });
}

// The result of one request; null when the database does not answer it.
function attempt<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  ask: (tails: IDBObjectStore, texts: IDBObjectStore) => IDBRequest,
): Promise<T | null> {
  return new Promise((resolve) => {
    try {
      const transaction = database.transaction(["tails", "texts"], mode);
      const request = ask(transaction.objectStore("tails"), transaction.objectStore("texts"));
      request.onsuccess = () => resolve(request.result as T);
      request.onerror = () => resolve(null);
      transaction.onabort = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
