import type { FileEntry } from "@/connection";

export type Listing =
  | { state: "loading" }
  | { state: "failed"; message: string }
  | { state: "ready"; entries: readonly FileEntry[]; truncated: boolean };

/** The known part of a workspace's files, as a value. The root is the folder "". */
export type Tree = {
  folders: ReadonlyMap<string, Listing>;
  open: ReadonlySet<string>;
};

export type Row =
  | { kind: "entry"; path: string; entry: FileEntry; depth: number; open: boolean; position: number; count: number }
  /** A line about a folder's listing: it loads, it failed, it is empty, or there is more than is shown. */
  | { kind: "note"; path: string; depth: number; tone: "loading" | "failed" | "quiet"; text: string };

export const emptyTree: Tree = { folders: new Map([["", { state: "loading" }]]), open: new Set([""]) };

export const join = (folder: string, name: string) => (folder === "" ? name : `${folder}/${name}`);
export const parentOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
export const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1);

export function withListing(tree: Tree, folder: string, listing: Listing): Tree {
  return { ...tree, folders: new Map(tree.folders).set(folder, listing) };
}

export function withOpen(tree: Tree, folder: string, open: boolean): Tree {
  const next = new Set(tree.open);
  if (open) next.add(folder);
  else next.delete(folder);
  return { ...tree, open: next };
}

/** Every folder above a path, outermost first, without the root. */
export function ancestors(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

/** The lines of the tree from top to bottom. */
export function rows(tree: Tree): Row[] {
  const all: Row[] = [];
  walk("", 0);
  return all;

  function walk(folder: string, depth: number) {
    const listing = tree.folders.get(folder) ?? { state: "loading" };
    const note = (tone: "loading" | "failed" | "quiet", text: string) =>
      all.push({ kind: "note", path: folder, depth, tone, text });
    if (listing.state === "loading") return void note("loading", "Loading");
    if (listing.state === "failed") return void note("failed", listing.message);
    listing.entries.forEach((entry, index) => {
      const path = join(folder, entry.name);
      const open = entry.kind === "folder" && tree.open.has(path);
      all.push({ kind: "entry", path, entry, depth, open, position: index + 1, count: listing.entries.length });
      if (open) walk(path, depth + 1);
    });
    if (listing.entries.length === 0) note("quiet", depth > 0 ? "Empty" : "No files yet. Drop some here.");
    if (listing.truncated) note("quiet", "There is more; find the rest with Ctrl+P.");
  }
}

/** Which folders must be asked for again; `["*"]` means all that are known. */
export function stale(tree: Tree, changed: readonly string[]): string[] {
  const known = [...tree.folders.keys()];
  const affected = changed.includes("*") ? known : known.filter((folder) => changed.includes(folder));
  // A closed folder is forgotten instead: it is asked for when it opens.
  return affected.filter((folder) => folder === "" || visible(tree, folder));
}

function visible(tree: Tree, folder: string): boolean {
  return tree.open.has(folder) && ancestors(folder).every((one) => tree.open.has(one));
}

/** Forgets the listings of changed folders that are closed. */
export function forgotten(tree: Tree, changed: readonly string[]): Tree {
  const keep = new Set(stale(tree, changed));
  const folders = new Map(
    [...tree.folders].filter(([folder]) => keep.has(folder) || !(changed.includes("*") || changed.includes(folder))),
  );
  return { ...tree, folders };
}

/** Why a name cannot be given, in words; null when it can. */
export function nameFault(name: string): string | null {
  if (name === "") return "A name is needed.";
  const parts = name.split("/");
  if (parts.some((part) => part === "." || part === "..")) return "“.” and “..” are not names.";
  if (parts.some((part) => part === "")) return "A folder in the path has no name.";
  if (parts.some((part) => new TextEncoder().encode(part).length > 255)) return "A name is at most 255 bytes long.";
  if (name.includes("\0")) return "A name cannot hold a NUL character.";
  return null;
}
