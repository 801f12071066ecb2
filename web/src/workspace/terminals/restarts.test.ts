import { expect, test } from "vitest";
import type { Hello, Terminal } from "@/connection";
import { completed } from "@/connection/hello";
import { lossWords } from "./restarts";

const hello = (epoch: number, ...ids: string[]): Hello =>
  completed({
    protocol: 1,
    workspace: "w",
    role: "owner",
    epoch,
    terminals: ids.map((id): Terminal => ({ id, name: id, kind: "shell", running: true })),
  });

test("a reconnection to the same start says nothing", () => {
  expect(lossWords(null, hello(1, "a", "b"))).toBeNull();
  expect(lossWords(hello(1, "a", "b"), hello(1, "a"))).toBeNull();
});

test("another start says how many terminals are gone", () => {
  expect(lossWords(hello(1), hello(2))).toBeNull();
  expect(lossWords(hello(1, "a"), hello(2))).toContain("Its terminal has ended");
  expect(lossWords(hello(1, "a", "b", "c"), hello(3, "d"))).toContain("Its 3 terminals have ended");
});

test("terminals that came back are not gone", () => {
  expect(lossWords(hello(1, "a"), hello(2, "a"))).toBeNull();
  expect(lossWords(hello(1, "a", "b"), hello(2, "a"))).toContain("Its terminal has ended");
});
