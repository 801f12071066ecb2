import type { FilePlace } from "@/editor";
import { sideNames, type Layout } from "../layout";
import type { Groups } from "../terminals/groups";
import { noTabs, type Tabs } from "../tabs/tabs";

/** How one person left one workspace. */
export type View = {
  layout: Layout | null;
  tabs: Tabs | null;
  /** Folders that are open in the tree. */
  folders: readonly string[];
  /** Terminals that stand side by side. */
  terminals: Groups;
  places: Readonly<Record<string, FilePlace>>;
  /** When it last changed; Unix milliseconds. */
  at: number;
};

export const noView: View = { layout: null, tabs: null, folders: [], terminals: [], places: {}, at: 0 };

/** Files whose places are kept, those of late. */
const maxPlaces = 50;
const maxFolds = 40;
const maxFolders = 200;

/** What the server keeps is at most 48 KiB; the rest of that is for letters that take more than a byte. */
const maxLength = 40_000;

/** Of a value that came from outside: what is a view in it. */
export function readView(value: unknown): View | null {
  if (typeof value !== "object" || value === null || !("at" in value) || typeof value.at !== "number") return null;
  const view = value as Partial<Record<keyof View, unknown>>;
  return {
    layout: isLayout(view.layout) ? view.layout : null,
    tabs: isTabs(view.tabs) ? view.tabs : null,
    folders: isTexts(view.folders) ? view.folders : [],
    terminals: Array.isArray(view.terminals) && view.terminals.every(isTexts) ? view.terminals : [],
    places: placesOf(view.places),
    at: value.at,
  };
}

/** With another place, as the last one of its files. */
export function withPlace(view: View, path: string, place: FilePlace): View {
  const others = Object.entries(view.places).filter(([other]) => other !== path);
  const kept = others.slice(-(maxPlaces - 1));
  return {
    ...view,
    places: { ...Object.fromEntries(kept), [path]: { ...place, folds: place.folds.slice(0, maxFolds) } },
  };
}

/** Small enough for the server: what is of least use goes first. */
export function fitted(view: View): View {
  let small = { ...view, folders: view.folders.slice(0, maxFolders) };
  if (small.tabs) small = { ...small, tabs: { ...small.tabs, recent: small.tabs.recent.slice(0, 20) } };
  while (JSON.stringify(small).length > maxLength) {
    const places = Object.entries(small.places);
    if (places.length > 0) small = { ...small, places: Object.fromEntries(places.slice(Math.ceil(places.length / 2))) };
    else if (small.folders.length > 0) small = { ...small, folders: [] };
    else return { ...small, tabs: noTabs };
  }
  return small;
}

function isLayout(value: unknown): value is Layout {
  if (typeof value !== "object" || value === null) return false;
  const layout = value as Record<string, unknown>;
  return (
    ["files", "terminal", "output"].every((name) => typeof layout[name] === "boolean") &&
    ["filesWidth", "terminalHeight", "outputWidth"].every((name) => Number.isFinite(layout[name])) &&
    sideNames.some((name) => name === layout.side)
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

function isTabs(value: unknown): value is Tabs {
  if (typeof value !== "object" || value === null) return false;
  const { paths, recent, active, preview } = value as Record<string, unknown>;
  const isPath = (one: unknown) => one === null || typeof one === "string";
  return isTexts(paths) && isTexts(recent) && isPath(active) && isPath(preview);
}

function placesOf(value: unknown): Record<string, FilePlace> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, FilePlace] => isPlace(entry[1])));
}

function isPlace(value: unknown): value is FilePlace {
  if (typeof value !== "object" || value === null) return false;
  const { line, column, top, folds } = value as Record<string, unknown>;
  return (
    [line, column, top].every((number) => Number.isInteger(number)) &&
    Array.isArray(folds) &&
    folds.every((fold) => Array.isArray(fold) && fold.length === 4 && fold.every(Number.isInteger))
  );
}
