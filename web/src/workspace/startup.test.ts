import { expect, test } from "vitest";
import type { Startup } from "@/api/api";
import { withLine, type StartupLine } from "./startup";

const linesOf = (...steps: Startup[]) =>
  steps.reduce<readonly StartupLine[]>((lines, step, at) => withLine(lines, step, at), []).map((line) => line.text);

test("each step of a start is a line, a restore one line that goes on", () =>
  expect(
    linesOf(
      { state: "asleep" },
      { state: "starting" },
      { state: "starting", message: "The node one fetches the image." },
      { state: "starting", message: "The node one fetches the image." },
      { state: "restoring", doneBytes: 0, totalBytes: 12e6 },
      { state: "restoring", doneBytes: 12e6, totalBytes: 12e6 },
      { state: "awake" },
    ),
  ).toEqual(["Starting the workspace", "The node one fetches the image.", "Restoring 12 of 12 MB", "Ready"]));

test("of a start that is tried again and again the newest lines are kept", () => {
  const steps = Array.from({ length: 120 }, (_, i): Startup => ({ state: "failed", message: `try ${i}` }));
  const lines = linesOf(...steps);
  expect(lines).toHaveLength(50);
  expect(lines.at(-1)).toBe("try 119");
});
