import { describe, expect, it } from "vitest";
import { actNames, everything, exportAddress, wordsOf } from "./audit";

const entry = { id: 1, at: "2026-11-28T09:00:00Z", who: "ann", address: "::1", way: "page" } as const;

describe("the audit log in words", () => {
  it("says what was done, and names whom", () => {
    expect(wordsOf({ ...entry, act: "shared", about: "bob as viewer" })).toBe(
      "shared the workspace with bob as viewer",
    );
    expect(wordsOf({ ...entry, act: "invited", about: "" })).toBe("made an invitation");
  });

  it("tells an act of a newer server by its name", () => {
    expect(wordsOf({ ...entry, act: "flown" })).toBe("flown");
    expect(actNames.some(([act]) => act === "flown")).toBe(false);
  });

  it("asks for whole days", () => {
    const asked = new URL(exportAddress({ ...everything, who: "ann", until: "2026-11-28" }, "csv"), "http://localhost");
    const until = new Date(asked.searchParams.get("until") ?? "");
    expect([until.getDate(), until.getHours()]).toEqual([29, 0]);
    expect(asked.searchParams.has("since")).toBe(false);
  });
});
