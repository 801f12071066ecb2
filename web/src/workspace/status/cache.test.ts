import { expect, test } from "vitest";
import { cacheWords } from "./cache";

test("packages that come back say how far they are, and then that they are there", () => {
  expect(cacheWords({ state: "none" })).toBe("");
  expect(cacheWords({ state: "restoring" })).toBe("Looking for packages");
  expect(cacheWords({ state: "restoring", doneBytes: 40e6, totalBytes: 120e6 })).toBe(
    "Restoring packages 40 MB of 120 MB",
  );
  expect(cacheWords({ state: "restored" })).toBe("Packages restored from cache");
  expect(cacheWords({ state: "missing" })).toBe("Run again installs");
});
