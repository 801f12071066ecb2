import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Value } from "@/connection";
import { Authority } from "./testing/authority";
import { Network } from "./testing/network";
import { Locks, Page } from "./testing/page";

// A runner comes back without the disk that it had: what it had confirmed a second ago is in the browser alone.
const path = "src/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function settle(network: Network, pages: Page[]): Promise<void> {
  for (let round = 0; round < 100; round++) {
    while (network.step(() => 0));
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    if (pages.every((page) => page.settled) && !network.step(() => 0)) return;
    await vi.advanceTimersByTimeAsync(2_000);
  }
  throw new Error("the pages do not come to rest");
}

/** Ada types and is told; the disk is lost; she and Bob, who types too, come back after `away` milliseconds, she by a reload. */
async function story(away: number): Promise<string> {
  const authority = new Authority({ [path]: "start\n" });
  const network = new Network(authority);
  const factory = new IDBFactory();
  const locks = new Locks();
  const ada = new Page(network, factory, locks, path);
  const bob = new Page(network, new IDBFactory(), new Locks(), path);
  await settle(network, [ada, bob]);
  authority.makeSafe(path);
  await settle(network, [ada, bob]);

  ada.type(6, 6, "ada\n");
  await settle(network, [ada, bob]);
  bob.type(0, 0, "bob\n");
  await settle(network, [ada, bob]);
  expect(authority.text(path)).toBe("bob\nstart\nada\n");

  ada.leave();
  network.cutAll();
  authority.loseDisk(path, () => 0);
  expect(authority.text(path)).toBe("start\n");
  await settle(network, [bob]);
  await vi.advanceTimersByTimeAsync(away);
  const again = new Page(network, factory, locks, path);
  await settle(network, [again, bob]);
  expect([again.text, bob.text]).toEqual([authority.text(path), authority.text(path)]);
  again.crash();
  bob.crash();
  return authority.text(path);
}

it("A reloaded page gives back what a lost disk had of it, beside what others gave back before", async () => {
  expect(await story(5_000)).toBe("bob\nstart\nada\n");
});

it("A page of long ago gives nothing back: what it knows may have been undone since", async () => {
  expect(await story(2 * 3_600_000)).toBe("bob\nstart\n");
});

it("What was half confirmed is whole again, where it was, and so is the caret", async () => {
  const authority = new Authority({ [path]: "// a\nend\n" });
  const network = new Network(authority);
  const ada = new Page(network, new IDBFactory(), new Locks(), path);
  const bob = new Page(network, new IDBFactory(), new Locks(), path);
  await settle(network, [ada, bob]);
  for (const letter of "// b3") ada.type(ada.caret, ada.caret, letter);
  await settle(network, [ada, bob]);
  bob.type(bob.text?.length ?? 0, bob.text?.length ?? 0, "// bob\n");
  await settle(network, [ada, bob]);
  expect(authority.text(path)).toBe("// b3// a\nend\n// bob\n");

  network.cutAll();
  authority.loseDisk(path, () => 0);
  ada.type(4, 5, ""); // of what was confirmed
  ada.type(4, 4, "\n");
  await settle(network, [ada, bob]);
  expect(authority.text(path)).toBe("// b\n// a\nend\n// bob\n");
  expect([ada.text, bob.text]).toEqual([authority.text(path), authority.text(path)]);
  expect(ada.caret).toBe(5);
  ada.crash();
  bob.crash();
});

it("What was typed before it was known for whom is kept whole once it is", async () => {
  const authority = new Authority({ [path]: "start\n" });
  const network = new Network(authority);
  const factory = new IDBFactory();
  const locks = new Locks();
  const user = new Value<number | null>(null);
  const page = new Page(network, factory, locks, path, user);
  await settle(network, [page]);
  page.type(0, 0, "typed ");
  await vi.advanceTimersByTimeAsync(1_000);
  user.set(1);
  await vi.advanceTimersByTimeAsync(1_000);
  page.leave();

  network.down = true;
  const again = new Page(network, factory, locks, path);
  for (let i = 0; i < 100; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(again.text).toBe("typed start\n");
  again.crash();
});
