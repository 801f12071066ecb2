import { expect, test } from "vitest";
import { kindOf, outdated } from "./requests";

const origin = "https://drop.example";
const ask = (path: string, mode = "cors", method = "GET") =>
  kindOf({ method, mode, url: new URL(path, origin).href }, origin, new Set(["/drop.svg"]));

test.each(["/", "/w/abc123defg", "/w/abc123defg/"])("%s is shown without a server", (path) =>
  expect(ask(path, "navigate")).toBe("page"),
);
test.each(["/signin?token=x", "/account", "/api/workspaces/abc/archive.zip", "/join/x", "/w/ABC"])(
  "going to %s is the server's business",
  (path) => expect(ask(path, "navigate")).toBe("pass"),
);
test.each(["/assets/Editor-x1.js", "/drop.svg"])("%s is a part of the page", (path) => expect(ask(path)).toBe("part"));
test.each(["/api/session", "/api/workspaces/abc/files/a.ts", "https://abc.drop.example/assets/x.js"])(
  "%s is never kept",
  (path) => expect(ask(path)).toBe("pass"),
);
test("only what is read is kept", () => expect(ask("/assets/x.js", "cors", "POST")).toBe("pass"));

test("with pages open the version before stays, without them none does", () => {
  const names = ["page-1", "page-2", "else", "page-3"];
  expect(outdated(names, "page-3", true)).toEqual(["page-1"]);
  expect(outdated(names, "page-3", false)).toEqual(["page-1", "page-2"]);
});
