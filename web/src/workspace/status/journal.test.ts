import { expect, test } from "vitest";
import { journalWords, languageOf } from "./journal";

test("safe is one word with its promise behind it", () => {
  const { word, text } = journalWords({ state: "safe", pending: 0 });
  expect(word).toBe("Safe");
  expect(text).toMatch(/survives the loss of any one process/);
});
test("what is on its way is counted", () => {
  expect(journalWords({ state: "pending", pending: 1 }).word).toBe("1 change on its way");
  expect(journalWords({ state: "pending", pending: 3 }).word).toBe("3 changes on their way");
});
test("a stalled journal gives its sentence", () =>
  expect(journalWords({ state: "stalled", pending: 3, message: "The queue is full." }).text).toBe(
    "The queue is full.",
  ));
test.each([
  ["src/App.tsx", "TypeScript JSX"],
  ["Makefile", "Makefile"],
  ["go.mod", "Go module"],
  ["LICENSE", "Plain text"],
])("%s is %s", (path, language) => expect(languageOf(path)).toBe(language));
