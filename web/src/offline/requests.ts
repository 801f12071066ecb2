/** Pages that are of use without a server: they show what this browser keeps. */
const pages = /^\/(?:w\/[a-z][a-z0-9]{1,39}\/?)?$/;

/** Who stands between page and server answers this while the server is away. */
const away: ReadonlySet<number> = new Set([502, 503, 504]);

/**
 * What the worker does with a request: `page`, ask the server and show the kept page where it does not answer; `part`,
 * a part of the page by its hashed name, from the cache when it is there; `pass`, nothing. All that is not a file of the
 * built page is passed: no answer about anyone's work is ever kept.
 */
export function kindOf(
  request: { method: string; mode: string; url: string },
  origin: string,
  kept: ReadonlySet<string>,
): "page" | "part" | "pass" {
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== origin) return "pass";
  if (request.mode === "navigate") return pages.test(url.pathname) ? "page" : "pass";
  return url.pathname.startsWith("/assets/") || kept.has(url.pathname) ? "part" : "pass";
}

export const isAway = (status: number): boolean => away.has(status);

/** Which of the caches go when `own` takes over: all but the newest of before, whose pages may still be open. */
export function outdated(names: readonly string[], own: string, pagesOpen: boolean): readonly string[] {
  const others = names.filter((name) => name.startsWith("page-") && name !== own);
  return pagesOpen ? others.slice(0, -1) : others;
}
