/** The open files of a workspace, as a value. */
export type Tabs = {
  paths: readonly string[];
  active: string | null;
  /** The tab that the next file looked at replaces; it was clicked once and not worked on. */
  preview: string | null;
  /** Paths by when they were last shown, newest first. */
  recent: readonly string[];
};

export const noTabs: Tabs = { paths: [], active: null, preview: null, recent: [] };

/** How many files are remembered as recent. */
const recentLimit = 50;

function shown(tabs: Tabs, path: string): Tabs {
  return { ...tabs, active: path, recent: [path, ...tabs.recent.filter((one) => one !== path)].slice(0, recentLimit) };
}

/** Opens a file beside the active one, or goes to it. A preview takes the place of the preview before it. */
export function opened(tabs: Tabs, path: string, { preview = false } = {}): Tabs {
  if (tabs.paths.includes(path)) {
    return shown({ ...tabs, preview: !preview && tabs.preview === path ? null : tabs.preview }, path);
  }
  const at = tabs.active === null ? tabs.paths.length : tabs.paths.indexOf(tabs.active) + 1;
  const replaced = preview ? tabs.preview : null;
  const paths =
    replaced === null
      ? [...tabs.paths.slice(0, at), path, ...tabs.paths.slice(at)]
      : tabs.paths.map((one) => (one === replaced ? path : one));
  return shown({ ...tabs, paths, preview: preview ? path : tabs.preview }, path);
}

/** Closes a file; the one shown last before it is shown. */
export function closed(tabs: Tabs, path: string): Tabs {
  const paths = tabs.paths.filter((one) => one !== path);
  const preview = tabs.preview === path ? null : tabs.preview;
  if (tabs.active !== path) return { ...tabs, paths, preview };
  const next = tabs.recent.find((one) => paths.includes(one)) ?? paths.at(-1) ?? null;
  const without = { ...tabs, paths, preview, active: null };
  return next === null ? without : shown(without, next);
}

/** Keeps a preview open. */
export function pinned(tabs: Tabs, path: string): Tabs {
  return tabs.preview === path ? { ...tabs, preview: null } : tabs;
}

/** A file or folder has moved: what was open below it is open at its new place. */
export function moved(tabs: Tabs, from: string, to: string): Tabs {
  const place = (path: string) =>
    path === from ? to : path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
  return {
    paths: [...new Set(tabs.paths.map(place))],
    active: tabs.active === null ? null : place(tabs.active),
    preview: tabs.preview === null ? null : place(tabs.preview),
    recent: [...new Set(tabs.recent.map(place))],
  };
}

/** The tab `step` places to the right of the active one, round the end. */
export function neighbour(tabs: Tabs, step: number): string | null {
  if (tabs.active === null) return null;
  const count = tabs.paths.length;
  return tabs.paths[(tabs.paths.indexOf(tabs.active) + step + count) % count] ?? null;
}

/** What tells files of the same name apart: the shortest end of the folder's path that does; empty when none is needed. */
export function hint(paths: readonly string[], path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const twins = paths.filter((one) => one !== path && one.slice(one.lastIndexOf("/") + 1) === name);
  if (twins.length === 0) return "";
  const folders = path.split("/").slice(0, -1);
  for (let length = 1; length <= folders.length; length++) {
    const end = folders.slice(-length).join("/");
    if (twins.every((twin) => twin.split("/").slice(0, -1).slice(-length).join("/") !== end)) return end;
  }
  return folders.join("/") || "/";
}
