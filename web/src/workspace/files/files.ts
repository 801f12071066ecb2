import { Value, type Connection, type FileEntry } from "@/connection";
import { messageOf } from "@/api/request";
import { remember, remembered } from "@/preferences/remembered";
import { ancestors, emptyTree, forgotten, nameOf, parentOf, stale, withListing, withOpen, type Tree } from "./tree";

/** The file tree of one workspace, kept current from the runner's events. */
export class Files {
  readonly tree: Value<Tree>;
  private readonly key: string;
  private readonly connection: Connection;
  private readonly ends: (() => void)[];

  constructor(slug: string, connection: Connection) {
    this.key = `folders.${slug}`;
    this.connection = connection;
    const open = new Set(["", ...remembered<string[]>(this.key, [])]);
    this.tree = new Value<Tree>({ ...emptyTree, open });
    this.ends = [
      connection.on("hello", () => this.changed(["*"])),
      connection.on("files.changed", ({ folders }) => this.changed(folders)),
    ];
  }

  toggle(folder: string, open = !this.tree.get().open.has(folder)): void {
    this.tree.set(withOpen(this.tree.get(), folder, open));
    remember(
      this.key,
      [...this.tree.get().open].filter((one) => one !== ""),
    );
    if (!open) return;
    // Folders that were open inside it are seen again.
    for (const one of this.tree.get().open) {
      const inside = one === folder || one.startsWith(`${folder}/`);
      if (inside && !this.tree.get().folders.has(one)) void this.load(one);
    }
  }

  collapseAll(): void {
    this.tree.set({ ...this.tree.get(), open: new Set([""]) });
    remember(this.key, []);
  }

  /** Opens the folders above a path, so that it can be seen. */
  reveal(path: string): void {
    for (const folder of ancestors(path)) {
      if (!this.tree.get().open.has(folder)) this.toggle(folder, true);
    }
  }

  /** Makes a file, with what it starts with, or a folder. */
  async create(path: string, kind: "file" | "folder", text = ""): Promise<void> {
    await this.connection.request("files.create", { path, kind, ...(text !== "" && { text }) });
    await this.load(parentOf(path));
    this.reveal(path);
  }

  async move(from: string, to: string): Promise<void> {
    await this.connection.request("files.move", { from, to });
    await Promise.all([this.load(parentOf(from)), this.load(parentOf(to))]);
  }

  async copy(from: string, to: string): Promise<void> {
    await this.connection.request("files.copy", { from, to });
    await this.load(parentOf(to));
  }

  /** Moves to the trash and gives what brings it back; null: it was too large to keep, and `forever` was said. */
  async remove(path: string, forever = false): Promise<string | null> {
    const { trash } = await this.connection.request("files.delete", { path, ...(forever && { forever }) });
    await this.load(parentOf(path));
    return trash ?? null;
  }

  /** Takes out of the trash, to where it was. */
  async restore(trash: string): Promise<string> {
    const { path } = await this.connection.request("files.restore", { trash });
    await this.load(parentOf(path));
    this.reveal(path);
    return path;
  }

  /** Unpacks a zip of the workspace into a folder; nothing that is there is replaced. */
  async unpack(path: string, folder: string): Promise<number> {
    const { files } = await this.connection.request("files.unpack", { path, to: folder });
    await this.load(folder);
    return files;
  }

  /** The names in a folder, asked for when they are not known. */
  async names(folder: string): Promise<Set<string>> {
    if (this.tree.get().folders.get(folder)?.state !== "ready") await this.load(folder);
    const listing = this.tree.get().folders.get(folder);
    return new Set(listing?.state === "ready" ? listing.entries.map(({ name }) => name) : []);
  }

  /** What is known of a path; undefined: it is not in what the tree has loaded. */
  entry(path: string): FileEntry | undefined {
    const listing = this.tree.get().folders.get(parentOf(path));
    return listing?.state === "ready" ? listing.entries.find(({ name }) => name === nameOf(path)) : undefined;
  }

  async load(folder: string): Promise<void> {
    if (!this.tree.get().folders.has(folder)) {
      this.tree.set(withListing(this.tree.get(), folder, { state: "loading" }));
    }
    try {
      const { entries, truncated } = await this.connection.request("files.list", { path: folder });
      // Git's own files are for git; a terminal shows them.
      const shown = entries.filter(({ name, kind }) => name !== ".git" || kind !== "folder");
      this.tree.set(withListing(this.tree.get(), folder, { state: "ready", entries: shown, truncated }));
    } catch (error) {
      // What was shown stays while the connection is away; it is asked for again with the next hello.
      if (this.tree.get().folders.get(folder)?.state === "ready") return;
      this.tree.set(withListing(this.tree.get(), folder, { state: "failed", message: messageOf(error) }));
    }
  }

  close(): void {
    this.ends.forEach((end) => end());
  }

  private changed(folders: readonly string[]): void {
    const tree = this.tree.get();
    const again = new Set(stale(tree, folders));
    if (folders.includes("*")) for (const folder of tree.open) again.add(folder);
    this.tree.set(forgotten(tree, folders));
    for (const folder of again) void this.load(folder);
  }
}
