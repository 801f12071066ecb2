import { Value } from "@/connection";
import type { DocumentHandle, Documents } from "@/documents";
import { remember, remembered } from "@/preferences/remembered";
import { closed, moved, noTabs, opened, pinned, type Tabs } from "./tabs";

/** Where to go in a file: line and column from 1, how many characters to select, and whether the editor takes the focus. */
export type Place = { line: number; column?: number; length?: number; focus?: boolean };

/** The tabs of one workspace with their documents; the tabs come back after a reload. */
export class OpenFiles {
  readonly tabs: Value<Tabs>;
  /** Where the editor is asked to go; another object each time, so that the same place can be asked for again. */
  readonly target = new Value<{ path: string; place: Place } | null>(null);
  /** On the very first visit: whether there is a main file to be opened is not known yet. */
  readonly waiting: Value<boolean>;
  private readonly documents: Documents;
  private readonly key: string;
  private readonly handles = new Map<string, DocumentHandle>();
  private fresh: boolean;

  constructor(slug: string, documents: Documents) {
    this.documents = documents;
    this.key = `tabs.${slug}`;
    const before = remembered<Tabs | null>(this.key, null);
    this.fresh = before === null;
    this.tabs = new Value(before ?? noTabs);
    this.waiting = new Value(this.fresh);
  }

  /** Opens the project's main file on the very first visit. */
  openFirst(main: string | null): void {
    if (this.fresh && main !== null) {
      this.fresh = false;
      if (this.tabs.get().paths.length === 0) this.open(main);
    }
    this.waiting.set(false);
  }

  /** Shows a file, and with `at` a place in it. */
  open(path: string, options: { preview?: boolean; at?: Place } = {}): void {
    this.set(opened(this.tabs.get(), path, options));
    this.target.set(options.at ? { path, place: options.at } : null);
  }

  /** Takes over the tabs that were left on another device. */
  adopt(tabs: Tabs): void {
    this.set(tabs);
  }

  pin(path: string): void {
    this.set(pinned(this.tabs.get(), path));
  }

  closeTab(path: string): void {
    this.set(closed(this.tabs.get(), path));
  }

  closeOthers(path: string): void {
    this.set({ ...this.tabs.get(), paths: [path], active: path, preview: null });
  }

  closeAll(): void {
    this.set({ ...this.tabs.get(), paths: [], active: null, preview: null });
  }

  moved(from: string, to: string): void {
    this.set(moved(this.tabs.get(), from, to));
  }

  /** The document of a tab. It is opened when it is first asked for and given back when its tab closes. */
  document(path: string): DocumentHandle {
    let handle = this.handles.get(path);
    if (!handle) {
      handle = this.documents.open(path);
      this.handles.set(path, handle);
    }
    return handle;
  }

  /** The document of a tab that has been looked at in this visit. */
  openedDocument(path: string): DocumentHandle | undefined {
    return this.handles.get(path);
  }

  /** Opens a document anew that was refused or is gone. */
  reopen(path: string): void {
    this.handles.get(path)?.close();
    this.handles.delete(path);
    this.tabs.set({ ...this.tabs.get() });
  }

  close(): void {
    for (const handle of this.handles.values()) handle.close();
    this.handles.clear();
  }

  private set(tabs: Tabs): void {
    if (tabs === this.tabs.get()) return;
    this.fresh = false;
    for (const [path, handle] of this.handles) {
      if (tabs.paths.includes(path)) continue;
      handle.close();
      this.handles.delete(path);
    }
    this.tabs.set(tabs);
    remember(this.key, tabs);
  }
}
