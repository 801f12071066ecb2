import type { FileMatches, SearchMatch } from "@/connection";

/** What a search has found so far, sorted by path. */
export type Found = readonly FileMatches[];

/** With what came in. */
export function withFiles(found: Found, files: readonly FileMatches[]): Found {
  return [...found, ...files].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Without a match, or without a whole file. */
export function without(found: Found, path: string, match?: SearchMatch): Found {
  return found.flatMap((file) => {
    if (file.path !== path) return [file];
    const matches = match === undefined ? [] : file.matches.filter((one) => one !== match);
    return matches.length === 0 ? [] : [{ ...file, matches }];
  });
}

export function countOf(found: Found): number {
  return found.reduce((sum, { matches }) => sum + matches.length, 0);
}

/** The row of the list: a file, or a match of it. */
export type Row = { kind: "file"; file: FileMatches } | { kind: "match"; file: FileMatches; match: SearchMatch };

/** What the list shows, files that are closed without their matches. */
export function rowsOf(found: Found, closed: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (const file of found) {
    rows.push({ kind: "file", file });
    if (closed.has(file.path)) continue;
    for (const match of file.matches) rows.push({ kind: "match", file, match });
  }
  return rows;
}

/** A line in its parts: what is before the match (without the indentation), the match, what is behind. */
export function partsOf({ text, at, length }: SearchMatch): { before: string; match: string; after: string } {
  const before = text.slice(0, at).trimStart();
  // A line's beginning that is far from the match is cut, so that the match is seen.
  const shown = before.length > 28 ? `…${before.slice(-24)}` : before;
  return { before: shown, match: text.slice(at, at + length), after: text.slice(at + length) };
}

/** The match `step` rows from the one at `line` and `column` of `path`, round the end; null when there is none. */
export function nextMatch(
  found: Found,
  from: { path: string; line: number; column: number } | null,
  step: 1 | -1,
): { path: string; match: SearchMatch } | null {
  const all = found.flatMap(({ path, matches }) => matches.map((match) => ({ path, match })));
  if (all.length === 0) return null;
  const isBefore = ({ path, match }: { path: string; match: SearchMatch }) =>
    from !== null &&
    (path < from.path ||
      (path === from.path &&
        (match.line < from.line || (match.line === from.line && match.column + match.length <= from.column))));
  const at = all.findIndex((one) => !isBefore(one));
  const here = all[at];
  // The cursor stands behind or within a match that was gone to.
  const onIt =
    here && from?.path === here.path && from.line === here.match.line && from.column >= here.match.column ? 1 : 0;
  const index = step === 1 ? (at < 0 ? 0 : at + onIt) : at < 0 ? all.length - 1 : at - 1;
  return all.at(index % all.length) ?? null;
}
