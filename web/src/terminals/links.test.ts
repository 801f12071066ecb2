import { expect, test } from "vitest";
import { linksIn } from "./links";

const only = (text: string) => linksIn(text).map(({ link }) => link);
const file = (path: string, line: number | null = null, column: number | null = null) => ({
  kind: "file" as const,
  path,
  line,
  column,
});

test("a file with line and column, as compilers print it", () => {
  expect(only("src/main.go:12:5: undefined: x")[0]).toEqual(file("src/main.go", 12, 5));
  expect(only("    at run (/home/me/app/index.js:3:9)")[0]).toEqual(file("/home/me/app/index.js", 3, 9));
  expect(only("src/App.tsx(7,11): error TS2304")[0]).toEqual(file("src/App.tsx", 7, 11));
  expect(only("Makefile:3: *** missing separator")[0]).toEqual(file("Makefile", 3));
  expect(only('  File "app.py", line 14, in <module>')[0]).toEqual(file("app.py", 14));
  expect(only("modified:   ../lib/größe.ts")).toEqual([file("../lib/größe.ts")]);
});
test("a word is no file, a sentence's dot no part of one", () => {
  expect(only("nothing to see here")).toEqual([]);
  expect(only("See README.md.")).toEqual([file("README.md")]);
});
test("an address on this machine leads to its port", () => {
  expect(only("  ➜  Local:   http://localhost:5173/")).toEqual([{ kind: "port", port: 5173, path: "/" }]);
  expect(only("listening on http://127.0.0.1:3000/a?b=1.")).toEqual([{ kind: "port", port: 3000, path: "/a?b=1" }]);
  expect(only("Listening on 0.0.0.0:8080")).toEqual([{ kind: "port", port: 8080, path: "/" }]);
  expect(only("http://[::]:8000")).toEqual([{ kind: "port", port: 8000, path: "/" }]);
});
test("any other address is the web's", () => {
  expect(only("see (https://example.org/a_(b)), please")).toEqual([{ kind: "web", url: "https://example.org/a_(b)" }]);
  expect(only("http://localhost.example.org:80/x")).toEqual([
    { kind: "web", url: "http://localhost.example.org:80/x" },
  ]);
});
test("a link is where its text is", () => {
  const text = "  --> src/lib.rs:4:9 of http://localhost:99/";
  for (const { start, length } of linksIn(text)) {
    expect(["src/lib.rs:4:9", "http://localhost:99/"]).toContain(text.slice(start, start + length));
  }
});
