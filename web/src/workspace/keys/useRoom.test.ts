import { expect, test } from "vitest";
import { roomOf } from "./useRoom";

test("a keyboard over the page leaves the part above it", () =>
  expect(roomOf(740, { height: 410, offsetTop: 20.4, scale: 1 })).toEqual({ top: 20, height: 410 }));
test("a bar of the browser is no keyboard", () =>
  expect(roomOf(740, { height: 684, offsetTop: 0, scale: 1 })).toBeNull());
test("who zooms in sees a part on purpose", () =>
  expect(roomOf(740, { height: 370, offsetTop: 90, scale: 2 })).toBeNull());
