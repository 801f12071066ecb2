import { expect, test } from "vitest";
import { startingText } from "./startingText";

test.each([
  ["about-us.html", "<title>About us</title>"],
  ["src/Card.tsx", "export function Card() {"],
  ["tools/main.py", '__name__ == "__main__"'],
  ["internal/store/disk.go", "package store\n"],
  ["main.go", "func main() {"],
  ["Billing/Models/Invoice.cs", "namespace Billing.Models;\n\npublic class Invoice"],
  ["IClock.cs", "public interface IClock"],
  ["run.sh", "#!/usr/bin/env bash"],
  ["notes/to-do.md", "# To do\n"],
  ["Dockerfile", "FROM "],
  ["my lib/package.json", '"name": "my-lib"'],
])("%s starts with what everyone types first", (path, text) => expect(startingText(path)).toContain(text));

test.each(["useThing.tsx", "index.tsx", "a.txt", ".env", "lib.py", "pkg/__init__.py", "Makefile.old"])(
  "%s starts empty",
  (path) => expect(startingText(path)).toBe(""),
);

test("a name with markup in it does not become markup", () =>
  expect(startingText("<script>.html")).not.toContain("<script>"));
