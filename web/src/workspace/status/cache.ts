import type { Cache } from "@/connection";
import { bytesOf } from "../machine/amounts";

/** "Restoring packages 40 MB of 120 MB", "Packages restored from cache", "Run installs packages". */
export function cacheWords({ state, doneBytes = 0, totalBytes = 0 }: Cache): string {
  switch (state) {
    case "none":
      return "";
    case "restoring":
      return totalBytes > 0
        ? `Restoring packages ${bytesOf(doneBytes)} of ${bytesOf(totalBytes)}`
        : "Looking for packages";
    case "restored":
      return "Packages restored from cache";
    case "missing":
      return "Run again installs";
  }
}
