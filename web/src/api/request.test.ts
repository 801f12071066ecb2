import { afterEach, expect, test, vi } from "vitest";
import { request } from "./request";

const json = (value: unknown, status = 200) => Promise.resolve(new Response(JSON.stringify(value), { status }));

afterEach(() => {
  vi.unstubAllGlobals();
  globalThis.dropitAsked = undefined;
});

test("an answer that was asked for early is taken once", async () => {
  vi.stubGlobal("fetch", () => json("fetched"));
  globalThis.dropitAsked = { "GET /api/session": json("early") };

  expect(await request("/api/session")).toBe("early");
  expect(await request("/api/session")).toBe("fetched");
});

test.each([
  ["refused", () => json({ detail: "You are not signed in." }, 401)],
  ["never came", () => Promise.reject(new TypeError("offline"))],
])("an early answer that was %s is asked for again", async (_, early) => {
  vi.stubGlobal("fetch", () => json("fetched"));
  globalThis.dropitAsked = { "POST /api/workspaces/abc/open": early() };

  expect(await request("/api/workspaces/abc/open", { method: "POST" })).toBe("fetched");
});
