import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { Plugin } from "vite";

/** Where the worker's code comes from; it is served as /sw.js, whose scope is the whole origin. */
export const worker = "src/offline/worker.ts";

/**
 * Gives the script that begins the page a hashed name as all others have, so that a page and what it asks for are always
 * of one version, and writes into the service worker what it keeps.
 */
export function offlinePage(): Plugin {
  return {
    name: "offline-page",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const index = bundle["index.html"];
        const sw = bundle["sw.js"];
        if (index.type !== "asset" || sw.type !== "chunk") throw new Error("index.html or sw.js is not in the build");
        const start = readFileSync("start.js", "utf8");
        const name = `assets/start-${hash(start).slice(0, 8)}.js`;
        this.emitFile({ type: "asset", fileName: name, source: start });
        index.source = String(index.source).replace('src="/start.js"', `src="/${name}"`);
        if (!index.source.includes(name)) throw new Error("index.html does not begin with /start.js");
        const built = Object.keys(bundle).filter((file) => file !== "index.html" && file !== "sw.js" && file !== name);
        const files = [...built, name, ...readdirSync("public", { recursive: true }).map(String)]
          .filter((file) => file.includes("."))
          .map((file) => `/${file}`)
          .sort();
        const page = { index: hash(index.source), files };
        const version = hash(JSON.stringify([page, sw.code])).slice(0, 12);
        sw.code = `const builtPage = ${JSON.stringify({ version, ...page })};\n${sw.code}`;
      },
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
