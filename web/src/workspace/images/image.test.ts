import { expect, test } from "vitest";
import { typeOf } from "./image";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

test.each([
  ["\x89PNG\r\n\x1a\n....", "image/png"],
  ["\xff\xd8\xff\xe0", "image/jpeg"],
  ["GIF89a..", "image/gif"],
  ["RIFF....WEBPVP8 ", "image/webp"],
  ["....ftypavif", "image/avif"],
  ['<?xml version="1.0"?><svg/>', "image/svg+xml"],
  ["<svg onload=alert(1)>", "image/svg+xml"],
])("%j is %s", (start, type) => expect(typeOf(bytes(start))).toBe(type));

test.each(["<!doctype html><script>", "hello", "", "%PDF-1.7"])("%j is no image, whatever its name", (start) =>
  expect(typeOf(bytes(start))).toBeNull(),
);
