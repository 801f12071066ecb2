import { expect, test } from "vitest";
import type { Port, PreviewCheck } from "@/connection";
import { diagnose, type Evidence } from "./diagnosis";

const port: Port = { port: 3000, process: "node", pid: 1, reachable: true, address: "127.0.0.1" };
const page = { path: "/", title: "", empty: false, failed: false, done: true };
const titles = (check: PreviewCheck, more: Partial<Evidence> = {}) =>
  diagnose({ port, asked: 3000, check, page, entries: [], home: "https://drop.example", ...more }).map(
    ({ title }) => title,
  );
const ok = { status: 200, type: "text/html", bytes: 10 };

test("nothing listens, or on the wrong address", () => {
  expect(titles(ok, { port: undefined })).toEqual(["Nothing listens on port 3000"]);
  expect(titles(ok, { port: { ...port, reachable: false, address: "10.0.0.7" } })).toEqual([
    "It listens on 10.0.0.7 only",
  ]);
});
test("a program that does not answer, or answers with a fault", () => {
  expect(titles({ fault: "It broke off." })).toEqual(["The program does not answer"]);
  expect(titles({ ...ok, status: 500 })).toEqual(["It answers 500"]);
  expect(titles({ ...ok, bytes: 0 })).toEqual(["The answer is empty"]);
});
test("a blocked host is told from any other refusal", () => {
  const text = 'Blocked request. This host ("x") is not allowed.';
  expect(titles({ ...ok, status: 403, text })).toEqual(["The program refuses this host name"]);
  expect(titles({ ...ok, status: 403, text: "Forbidden" })).toEqual(["It answers 403"]);
  expect(titles({ ...ok, status: 400, text: "Invalid Host header" })).toEqual(["The program refuses this host name"]);
});
test("frames are refused by either header, and the newer one counts", () => {
  expect(titles({ ...ok, frameOptions: "DENY" })).toEqual(["It refuses to be shown in a frame"]);
  expect(titles({ ...ok, policy: "default-src 'self'; frame-ancestors 'none'" })).toEqual([
    "It refuses to be shown in a frame",
  ]);
  expect(titles({ ...ok, frameOptions: "DENY", policy: "frame-ancestors https://drop.example" })).toEqual([]);
});
test("mixed content is named", () =>
  expect(titles({ ...ok, insecure: ["http://cdn.example/x.js"] })).toEqual(["It loads parts over http"]));
test("an error counts while the page is empty", () => {
  const entries = [{ id: 1, level: "error" as const, text: "boom\n at x", source: "a.js:1:2", count: 1 }];
  expect(titles(ok, { entries, page: { ...page, empty: true } })).toEqual(["The page reports an error"]);
  expect(titles(ok, { entries })).toEqual([]);
  expect(titles(ok, { page: { ...page, empty: true } })).toEqual(["The page loaded and shows nothing"]);
});
