import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Authority } from "./testing/authority";
import { Network } from "./testing/network";
import { Locks, Page } from "./testing/page";
import { randomFrom } from "./testing/random";

// Several pages type in one document while sockets break, the runner is lost, the disk changes and pages are reloaded.
// DROPIT_SEED repeats a run.
const seed = Number(process.env.DROPIT_SEED ?? Date.now() % 1_000_000_000);
const path = "src/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets IndexedDB do its work, which takes turns of the real event loop. */
async function idle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

async function settle(network: Network, pages: Page[]): Promise<void> {
  network.down = false;
  for (let round = 0; round < 200; round++) {
    while (network.step(() => 0));
    await idle();
    if (pages.every((page) => page.settled) && !network.step(() => 0)) return;
    await vi.advanceTimersByTimeAsync(2_000);
  }
  const states = pages.map((page) => [page.connection.state.get(), page.handle.state.get()]);
  throw new Error(`the pages do not come to rest: ${JSON.stringify(states)}`);
}

interface Story {
  pages: number;
  steps: number;
  deletes: boolean;
  forgets: boolean;
  renews: boolean;
  /**
   * The runner's disk is lost with what was not safe. With one page that types, in any moment; when all do, what is left has nothing that its author was not
   * told of: beside the work of others nobody could find it again.
   */
  loses: "alone" | "together" | null;
}

async function run(seed: number, story: Story) {
  const random = randomFrom(seed);
  const authority = new Authority({ [path]: "start\nof\nthe\nfile\n" });
  const network = new Network(authority);
  const factory = new IDBFactory();
  const locks = new Locks();
  const open = () => new Page(network, factory, locks, path);
  const pages = Array.from({ length: story.pages }, open);
  // Who opens a document while something is not safe does not know what it was before.
  if (story.loses !== null) await settle(network, pages);
  // Each insertion is a character that no other one is.
  const typed: string[] = [];
  const next = () => {
    const character = String.fromCharCode(0x4e00 + typed.length);
    typed.push(character);
    return character;
  };
  for (let step = 0; step < story.steps; step++) {
    const index = random(pages.length);
    const page = pages[index];
    if (page === undefined) break;
    const action = random(100);
    if (story.loses === "alone" && action < 35 && index > 0) {
      authority.makeSafe(path);
    } else if (story.loses !== null && action >= 90 && action < 95) {
      // A change on disk is nobody's, and what a page that is closed was not told of is in no other one.
      await settle(network, pages);
      authority.keep(path);
      if (action > 91) authority.makeSafe(path);
      if (action > 92) {
        page.leave();
        pages[index] = open();
      }
    } else if (action < 35) {
      const length = page.text?.length ?? 0;
      const from = random(length + 1);
      const to = story.deletes && random(3) === 0 ? Math.min(length, from + random(6)) : from;
      if (page.text !== null) page.type(from, to, next());
    } else if (action < 80) {
      for (let i = random(6); i >= 0; i--) network.step(random);
    } else if (action < 84) page.documents.pushAll();
    else if (action < 88) network.cutOne(random);
    else if (action < 89) {
      network.cutAll();
      if (story.renews) authority.renew(path);
      if (story.loses === "alone") authority.keep(path);
      if (story.loses !== null) authority.loseDisk(path, random);
    } else if (action < 90) network.down = !network.down;
    else if (action < 92) {
      const from = random(authority.text(path).length);
      authority.changeOnDisk(path, { from, to: from, insert: next() });
    } else if (action < 93 && story.forgets) authority.forgetHistory(path);
    else if (action < 95) {
      page.leave();
      pages[index] = open();
    } else if (action < 97) await idle();
    else await vi.advanceTimersByTimeAsync(random(3_000));
  }
  await settle(network, pages);
  const text = authority.text(path);
  for (const page of pages) expect(page.text).toBe(text);
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  for (const character of typed) {
    const count = counts.get(character) ?? 0;
    if (story.deletes) expect(count).toBeLessThanOrEqual(1);
    else expect([character, count]).toEqual([character, 1]);
  }
  for (const page of pages) page.crash();
}

describe(`documents, seed ${seed}`, () => {
  const plain: Story = { pages: 3, steps: 250, deletes: false, forgets: false, renews: false, loses: null };
  const times = Number(process.env.DROPIT_RUNS ?? 25);

  it.each<[string, Story]>([
    ["type and break", plain],
    ["type, delete and break", { ...plain, deletes: true }],
    ["come back to a runner that forgot old versions", { ...plain, forgets: true }],
    ["come back to a runner that lost all versions", { ...plain, renews: true }],
    ["come back to a runner that lost its disk", { ...plain, loses: "alone" }],
    ["delete and come back to a runner that lost its disk", { ...plain, deletes: true, loses: "alone" }],
    ["all come back to a runner that lost its disk", { ...plain, loses: "together" }],
    ["delete and all come back to a runner that lost its disk", { ...plain, deletes: true, loses: "together" }],
  ])(
    "Pages that %s end with one text that has everything once",
    async (_, story) => {
      for (let i = 0; i < times; i++) {
        try {
          await run(seed + i, story);
        } catch (error) {
          throw new Error(`with DROPIT_SEED=${seed + i} DROPIT_RUNS=1`, { cause: error });
        }
      }
    },
    120_000,
  );
});
