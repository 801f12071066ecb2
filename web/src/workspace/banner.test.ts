import { expect, test } from "vitest";
import { tooManyPages, type ConnectionState } from "@/connection";
import { bannerOf } from "./banner";

const now = 1_000_000;
const connection = (change: Partial<ConnectionState>): ConnectionState => ({
  kind: "online",
  attempt: 0,
  retryAt: null,
  reason: "",
  since: now - 60_000,
  ...change,
});
const facts = { startup: null, known: true, waiting: 0, keeping: "browser", now } as const;

test("online needs no words", () => expect(bannerOf({ ...facts, connection: connection({}) })).toBeNull());

test("a lost connection says what waits and when it is tried again", () => {
  const banner = bannerOf({ ...facts, waiting: 2, connection: connection({ kind: "offline", retryAt: now + 2_400 }) });
  expect(banner?.text).toBe(
    "Connection lost. Edits in 2 files are only in this browser, not safe yet. Retrying in 3 s.",
  );
  expect(banner?.action).toBe("retry");
});

test("an edit that the browser cannot keep is said to be only in the window", () => {
  const state = connection({ kind: "offline", retryAt: now + 1_000 });
  const words = (keeping: "tab" | "not") => bannerOf({ ...facts, waiting: 1, keeping, connection: state })?.text;
  expect(words("tab")).toContain("Edits in 1 file are only in this tab, not safe yet: keep it open.");
  expect(words("not")).toContain("this browser has no room to keep them");
});

test("opened without a server, it says that it is offline and why", () => {
  const away = connection({ kind: "offline", reason: "The server does not answer.", retryAt: now + 1_000 });
  expect(bannerOf({ ...facts, known: false, connection: away })?.text).toBe(
    "You are offline: files are shown as this browser has them. The server does not answer. " +
      "Keep typing: edits wait here. Retrying in 1 s.",
  );
});

test("one page too many says why and what helps, also while it tries again", () => {
  const away = { reason: tooManyPages, attempt: 3, retryAt: now + 1_000 };
  for (const known of [true, false]) {
    const said = (kind: "offline" | "connecting") =>
      bannerOf({ ...facts, known, connection: connection({ ...away, kind }) })?.text;
    expect(said("offline")).toBe(`${tooManyPages} Keep typing: edits wait here. Retrying in 1 s.`);
    expect(said("connecting")).toBe(`${tooManyPages} Keep typing: edits wait here. Reconnecting.`);
  }
});

test("a start that is quick says nothing", () => {
  const quick = connection({ kind: "connecting", since: now - 100 });
  expect(bannerOf({ ...facts, known: false, connection: quick })).toBeNull();
});

test("restoring says how far it is", () => {
  const startup = { state: "restoring", doneBytes: 12e6, totalBytes: 40e6 } as const;
  const banner = bannerOf({ ...facts, known: false, startup, connection: connection({ kind: "connecting" }) });
  expect(banner).toMatchObject({ text: "Restoring 12 of 40 MB", progress: 0.3, tone: "quiet" });
});

test("a failed start gives its sentence and a way on", () => {
  const startup = { state: "failed", message: "The disk is full." } as const;
  const banner = bannerOf({ ...facts, startup, connection: connection({ kind: "offline" }) });
  expect(banner).toMatchObject({ text: "The disk is full.", action: "retry", tone: "error" });
});

test("a workspace that is started elsewhere says where it is", () => {
  const startup = { state: "starting", message: "The node two fetches the image." } as const;
  const banner = bannerOf({ ...facts, startup, connection: connection({ kind: "offline" }) });
  expect(banner?.text).toBe(
    "Connection lost. The node two fetches the image. Keep typing: edits wait here. Reconnecting.",
  );
});

test("what cannot be opened leads home", () => {
  const banner = bannerOf({ ...facts, connection: connection({ kind: "refused", reason: "No such workspace." }) });
  expect(banner).toMatchObject({ text: "No such workspace.", action: "home" });
});

test("a workspace that was put to sleep says why, and waits to be woken", () => {
  const reason = "Asleep: nobody was here for 15 minutes.";
  const banner = bannerOf({ ...facts, connection: connection({ kind: "asleep", reason }) });
  expect(banner).toMatchObject({ text: `${reason} Typing wakes it.`, action: "wake", tone: "quiet" });
});
