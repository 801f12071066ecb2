import { expect, test } from "vitest";
import { awakeWords, bytesOf, minutesOf, shareOf } from "./amounts";

test("bytes are shown in three digits", () => {
  expect(bytesOf(0)).toBe("0 B");
  expect(bytesOf(640_000)).toBe("640 KB");
  expect(bytesOf(1_234_000_000)).toBe("1.2 GB");
  expect(bytesOf(52_400_000)).toBe("52 MB");
  expect(bytesOf(999_900)).toBe("1.0 MB");
});
test("the processor's share is of all that the workspace may use", () => {
  expect(shareOf(1, 2)).toBe("50 %");
  expect(shareOf(undefined, 2)).toBe("–");
});
test("what keeps it awake is said in sentences", () => {
  expect(awakeWords({ pages: 1, awake: [] })).toEqual(["This page is open."]);
  expect(awakeWords({ pages: 3, awake: ["A program in a terminal is printing."] })).toEqual([
    "3 pages are open.",
    "A program in a terminal is printing.",
  ]);
});
test("times are said in the unit that fits", () => {
  expect(minutesOf(0.5)).toBe("30 seconds");
  expect(minutesOf(1)).toBe("1 minute");
  expect(minutesOf(60)).toBe("1 hour");
  expect(minutesOf(90)).toBe("90 minutes");
  expect(minutesOf(1440)).toBe("24 hours");
});
