import { expect, test } from "vitest";
import { insidePath } from "./html";

test.each([
  ["a.png", "docs/readme.md", "docs/a.png"],
  ["../a%20b.png?raw=1#x", "docs/readme.md", "a b.png"],
  ["/img/a.png", "docs/readme.md", "img/a.png"],
  ["./b.md#part", "readme.md", "b.md"],
])("%s in %s is %s", (address, from, path) => expect(insidePath(address, from)).toBe(path));

test.each([
  "https://example.org/a.png",
  "//example.org/a.png",
  "javascript:alert(1)",
  "data:image/png;base64,x",
  "#part",
  "../../etc/passwd",
  "",
  "%2e%2e/%2e%2e/x",
])("%s leads nowhere in the workspace", (address) => expect(insidePath(address, "docs/readme.md")).toBeNull());
