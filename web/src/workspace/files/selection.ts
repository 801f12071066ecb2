/** Which rows of the tree are chosen, as a value. */
export type Selection = {
  paths: ReadonlySet<string>;
  /** The row that keys start from. */
  cursor: string | null;
  /** Where a range began. */
  anchor: string | null;
};

export const noSelection: Selection = { paths: new Set(), cursor: null, anchor: null };

export function only(path: string | null): Selection {
  return path === null ? noSelection : { paths: new Set([path]), cursor: path, anchor: path };
}

/** Takes a row in, or out. */
export function toggled(selection: Selection, path: string): Selection {
  const paths = new Set(selection.paths);
  if (!paths.delete(path)) paths.add(path);
  return { paths, cursor: path, anchor: path };
}

/** All rows from the anchor to a row; `visible` are the tree's rows from top to bottom. */
export function ranged(selection: Selection, path: string, visible: readonly string[]): Selection {
  const anchor = selection.anchor ?? selection.cursor ?? path;
  const [from, to] = [visible.indexOf(anchor), visible.indexOf(path)];
  if (from < 0 || to < 0) return only(path);
  return { paths: new Set(visible.slice(Math.min(from, to), Math.max(from, to) + 1)), cursor: path, anchor };
}

/** The chosen paths without those that lie in a chosen folder: what is done to a folder is done to all in it. */
export function roots(paths: Iterable<string>): string[] {
  const all = new Set(paths);
  return [...all]
    .filter((path) => {
      for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
        if (all.has(path.slice(0, end))) return false;
      }
      return true;
    })
    .sort();
}

/** A name that is not taken: "a copy.ts", "a copy 2.ts" beside "a.ts". */
export function freeName(taken: ReadonlySet<string>, name: string): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf(".");
  const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
  const base = stem.replace(/ copy( \d+)?$/, "");
  for (let count = 1; ; count++) {
    const candidate = `${base} copy${count === 1 ? "" : ` ${count}`}${ending}`;
    if (!taken.has(candidate)) return candidate;
  }
}
