import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test } from "vitest";
import { forgetKept, keptWorkspaces, Shelf, type Tail } from "./shelf";

const change = new Uint8Array([1]);
const tail = (more: Partial<Tail> = {}): Tail => ({
  since: [],
  incarnation: "i",
  version: 1,
  readOnly: false,
  crlf: false,
  sequence: 0,
  unconfirmed: [],
  length: 4,
  ...more,
});
const fails = () => {
  throw new Error("nothing was written");
};
/** Pages that have ended hold no lock. */
const free = {
  request: (_name: string, _options: object, hold: (lock: object) => unknown) => Promise.resolve(hold({})),
} as unknown as LockManager;

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** A shelf whose database is open. */
async function shelfOf(user: number | null, workspace = "w"): Promise<Shelf> {
  const shelf = new Shelf(workspace, indexedDB, free, () => user);
  await shelf.paths();
  return shelf;
}

test("what one user left is not there for another, unsent or not", async () => {
  const ada = await shelfOf(1);
  ada.put("c1", "seen.txt", tail(), "text", fails);
  ada.put("c2", "typed.txt", tail({ unconfirmed: [change] }), "text", fails);
  expect(await ada.paths()).toHaveLength(2);
  const bob = await shelfOf(2);
  expect(await bob.paths()).toEqual([]);
  expect(await bob.unsent()).toEqual([]);
  expect((await bob.take("typed.txt", false)).kept).toBeNull();
  expect(await keptWorkspaces(2)).toEqual([]);
  expect(await keptWorkspaces(1)).toMatchObject([{ slug: "w", files: 2, unsent: 1 }]);
});

test("a runner that knows the page by another user is told nothing", async () => {
  const shelf = await shelfOf(1);
  expect(shelf.isOf(1)).toBe(true);
  expect(shelf.isOf(2)).toBe(false);
});

test("while nobody is known to be signed in nothing is kept, and who asked is told", async () => {
  const shelf = await shelfOf(null);
  let failed = 0;
  shelf.put("c1", "a.txt", tail(), "text", () => failed++);
  expect(failed).toBe(1);
  expect(await (await shelfOf(1)).paths()).toEqual([]);
});

test("the newest 64 files without unsent changes stay; changes that nobody has always do", async () => {
  const shelf = await shelfOf(1);
  shelf.put("typed", "typed.txt", tail({ unconfirmed: [change] }), "text", fails);
  for (let i = 0; i < 70; i++) shelf.put(`c${i}`, `f${i}.txt`, tail(), "text", fails);
  expect(await shelf.unsent()).toEqual(["typed.txt"]);
  expect(await shelf.paths()).toHaveLength(65);
});

test("files past the room in all go, the oldest first", async () => {
  const now = Date.now;
  const shelf = await shelfOf(1);
  for (const [at, name] of ["old", "middle", "new"].entries()) {
    Date.now = () => now() + at * 1000;
    shelf.put(name, `${name}.txt`, tail({ length: 25_000_000 }), "text", fails);
  }
  Date.now = now;
  await shelf.unsent();
  expect(await shelf.paths()).toEqual(["new.txt", "middle.txt"]);
});

test("signing out takes all of it; a session that ended elsewhere leaves what was not sent", async () => {
  const shelf = await shelfOf(1);
  shelf.put("c1", "seen.txt", tail(), "text", fails);
  shelf.put("c2", "typed.txt", tail({ unconfirmed: [change] }), "text", fails);
  await forgetKept(1, { unsent: false });
  expect(await shelf.paths()).toEqual(["typed.txt"]);
  await forgetKept(1, { unsent: true });
  expect(await shelf.paths()).toEqual([]);
});

test("without locks a record is this tab's alone, without a database it is nowhere", () => {
  expect(new Shelf("w", indexedDB, null, () => 1).keeping.get()).toBe("tab");
  expect(new Shelf("w", null, free, () => 1).keeping.get()).toBe("not");
});
