import { Value, type Connection } from "@/connection";
import { messageOf } from "@/api/request";
import { remember, remembered } from "@/preferences/remembered";
import { ancestors, emptyTree, forgotten, parentOf, stale, withListing, withOpen, type Tree } from "./tree";

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

  async create(path: string, kind: "file" | "folder"): Promise<void> {
    await this.connection.request("files.create", { path, kind });
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

  async remove(path: string): Promise<void> {
    await this.connection.request("files.delete", { path });
    await this.load(parentOf(path));
  }

  async load(folder: string): Promise<void> {
    if (!this.tree.get().folders.has(folder)) {
      this.tree.set(withListing(this.tree.get(), folder, { state: "loading" }));
    }
    try {
      const { entries, truncated } = await this.connection.request("files.list", { path: folder });
      this.tree.set(withListing(this.tree.get(), folder, { state: "ready", entries, truncated }));
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
