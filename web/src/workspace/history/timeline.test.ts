import { describe, expect, test } from "vitest";
import { dayName, daysOf, merged, titleOf, whenOf, whoOf, type Version } from "./timeline";

const now = new Date(2026, 10, 27, 15, 30);

function version(minutesAgo: number, more: Partial<Version> = {}): Version {
  return {
    id: `1-${minutesAgo}`,
    time: new Date(now.getTime() - minutesAgo * 60_000).toISOString(),
    cause: "edit",
    authors: [],
    programs: false,
    added: 0,
    changed: 0,
    deleted: 0,
    files: [],
    ...more,
  };
}

describe("a timeline", () => {
  test("is grouped by the days and hours of the clock", () => {
    const days = daysOf(
      [5, 20, 31, 45, 24 * 60, 40 * 24 * 60].map((ago) => version(ago)),
      now,
    );
    expect(days.map(({ name, hours }) => [name, hours.map((hour) => [hour.name, hour.versions.length])])).toEqual([
      [
        "Today",
        [
          ["15:00", 2],
          ["14:00", 2],
        ],
      ],
      ["Yesterday", [["15:00", 1]]],
      ["Sunday, October 18", [["15:00", 1]]],
    ]);
    expect(daysOf([], now)).toEqual([]);
  });

  test("names days far away with their year", () => {
    expect(dayName(new Date(2025, 2, 3), now)).toBe("March 3, 2025");
    expect(whenOf(version(0), now)).toBe("Today, 15:30:00");
  });

  test("says what a version is about", () => {
    const files = [{ path: "src/a.ts", change: "changed" as const }];
    expect(titleOf(version(0, { changed: 1, files }))).toBe("a.ts");
    expect(titleOf(version(0, { changed: 3, deleted: 1, files }))).toBe("a.ts and 3 more");
    expect(titleOf(version(0, { cause: "restored", changed: 1, files }))).toBe("Restored 1 file");
    expect(titleOf(version(0, { cause: "created" }))).toBe("Made from a template");
    expect(titleOf(version(0, { added: 7 }))).toBe("7 files");
    expect(titleOf(version(0))).toBe("Folders only");
  });

  test("says who", () => {
    expect(whoOf(version(0, { authors: ["Ada", "Bob"], programs: true }))).toBe("Ada, Bob, programs");
    expect(whoOf(version(0))).toBe("");
  });

  test("looked at again keeps what was loaded before", () => {
    const [a, b, c, d] = [version(1), version(2), version(3), version(4)] as const;
    expect(merged([a, b], [b, c, d])).toEqual([a, b, c, d]);
    expect(merged([a, b], [c, d])).toEqual([a, b]);
    expect(merged([], [c])).toEqual([]);
  });
});
