import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { IDBFactory } from "fake-indexeddb";
import "fake-indexeddb/auto";
import { expect, it } from "vitest";
import { FrameType } from "@/connection";
import { Authority } from "./testing/authority";
import { Network } from "./testing/network";
import { Locks, Page } from "./testing/page";

/** What a browser puts before each frame that it sends: two bytes, and four of the mask. */
const webSocketHeader = 6;
const path = "large.txt";

async function openLarge() {
  const authority = new Authority({ [path]: "0123456789abcde\n".repeat(65_536) });
  const network = new Network(authority);
  const page = new Page(network, new IDBFactory(), new Locks(), path);
  while (page.text === null) {
    network.step(() => 0);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const bytes = () => {
    const pushes = authority.received.get(FrameType.push) ?? [];
    return pushes.reduce((sum, length) => sum + length + webSocketHeader, 0);
  };
  return { network, page, bytes };
}

it("A keystroke in a file of 1 MB takes at most 28 bytes on the wire", async () => {
  const { network, page, bytes } = await openLarge();
  for (let i = 0; i < 1_000; i++) {
    page.type(700_000 + i, 700_000 + i, "x");
    while (network.step(() => 0));
  }
  expect(bytes() / 1_000).toBeLessThanOrEqual(28);
  page.crash();
});

it("A keystroke of a burst takes at most 60 bytes on the wire", async () => {
  const { network, page, bytes } = await openLarge();
  for (let i = 0; i < 1_000; i++) {
    page.type(700_000 + i, 700_000 + i, "x");
    // The answers are behind by some keystrokes all the time.
    if (i % 7 === 0) network.step(() => 0);
  }
  while (network.step(() => 0));
  expect(bytes() / 1_000).toBeLessThanOrEqual(60);
  page.crash();
});

it("A state that was typed over is not held by what is still on its way", async () => {
  const { page } = await openLarge();
  const first = new WeakRef(page.editor ?? {});
  page.type(0, 0, "x");
  const remembered = page.editor;
  page.type(0, 0, "x");
  await collectGarbage();
  expect(first.deref()).toBeUndefined();
  expect(remembered?.doc.lines).toBe(page.editor?.doc.lines);
  page.crash();
});

/** A WeakRef lets go only after the task that made it. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  await new Promise((resolve) => setImmediate(resolve));
  (runInNewContext("gc") as () => void)();
}
