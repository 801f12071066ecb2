import { expect, test } from "vitest";
import { askedImport, shownAddress } from "./imports";

test.each([
  ["#https://github.com/owner/name", "https://github.com/owner/name"],
  ["#https%3A%2F%2Fexample.org%2Fa.git", "https://example.org/a.git"],
  ["#git@github.com:owner/name.git", "git@github.com:owner/name.git"],
])("%s asks for an import", (hash, url) => expect(askedImport(hash)).toBe(url));

test.each(["", "#", "#my-workspaces", "#javascript:alert(1)", "#file:///etc/passwd", "#https://a b", "#%E0%A4%A"])(
  "%s asks for none",
  (hash) => expect(askedImport(hash)).toBeNull(),
);

test("an address is shown without what is secret in it", () =>
  expect(shownAddress("https://me:secret@example.org/a.git")).toBe("example.org/a.git"));
