import { expect, test } from "vitest";
import { maxFromProgram, pasteable, programCopy } from "./clipboard";

test("a program's copy is UTF-8 in base64", () => {
  expect(programCopy(`c;${btoa("one two")}`)).toEqual({ kind: "text", text: "one two" });
  expect(programCopy(";w7w=")).toEqual({ kind: "text", text: "ü" });
});
test("a program never reads the clipboard", () => {
  expect(programCopy("c;?")).toBeNull();
  expect(programCopy("c;")).toBeNull();
  expect(programCopy("nonsense")).toBeNull();
});
test("what is too long or no text is refused in words", () => {
  expect(programCopy(`c;${"A".repeat(maxFromProgram * 2)}`)).toMatchObject({ kind: "refused" });
  expect(programCopy("c;***")).toMatchObject({ kind: "refused" });
  expect(programCopy("c;/w==")).toMatchObject({ kind: "refused" });
});
test("a pasted text cannot end its own bracket", () =>
  expect(pasteable("a\x1b[201~; rm -rf b\x1b[200~")).toBe("a; rm -rf b"));
