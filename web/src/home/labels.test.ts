import { describe, expect, test } from "vitest";
import { ago, matches } from "./labels";

describe("ago", () => {
  const now = Date.parse("2026-05-10T12:00:00Z");
  test.each([
    ["2026-05-10T11:59:40Z", "just now"],
    ["2026-05-10T12:00:05Z", "just now"],
    ["2026-05-10T11:59:00Z", "1 minute ago"],
    ["2026-05-10T09:30:00Z", "2 hours ago"],
    ["2026-05-09T11:00:00Z", "yesterday"],
    ["2026-04-28T12:00:00Z", "last week"],
    ["2025-05-01T12:00:00Z", "last year"],
    ["not a time", ""],
  ])("%s is said as %s", (time, words) => expect(ago(time, now)).toBe(words));
});

test("a search needs every word, in any field", () => {
  expect(matches("shop go", ["My shop", "abc", "Go"])).toBe(true);
  expect(matches("shop rust", ["My shop", "abc", "Go"])).toBe(false);
  expect(matches("", ["x"])).toBe(true);
});
