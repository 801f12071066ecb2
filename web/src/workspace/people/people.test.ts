import { expect, it } from "vitest";
import type { Person } from "@/connection";
import { inFile, initials, namesOf } from "./people";

const person = (name: string, role: Person["role"], file?: string): Person => ({
  id: 1,
  name,
  role,
  ...(file && { file }),
});

it("A name has one or two letters", () => {
  expect(["ada", "Ada Lovelace", "grace.m.hopper", "x", "", "éva_ø", "😀 b"].map(initials)).toEqual([
    "AD",
    "AL",
    "GM",
    "X",
    "?",
    "ÉØ",
    "😀B",
  ]);
});

it("Names are a sentence of bounded length", () => {
  const names = (count: number) => namesOf(["Ada", "Ben", "Cleo", "Dan"].slice(0, count).map((name) => ({ name })));
  expect([0, 1, 2, 3, 4].map(names)).toEqual(["", "Ada", "Ada and Ben", "Ada, Ben and 1 more", "Ada, Ben and 2 more"]);
});

it("Who edits a file and who looks on is said in words", () => {
  const people = [person("Ada", "owner", "a.ts"), person("Ben", "editor", "b.ts"), person("Vera", "viewer", "a.ts")];
  expect(inFile(people, "a.ts")).toBe("Ada edits here too; Vera looks on");
  expect(inFile([...people, person("Cleo", "editor", "a.ts")], "a.ts")).toBe(
    "Ada and Cleo edit here too; Vera looks on",
  );
  expect(inFile(people, "c.ts")).toBe("");
});
