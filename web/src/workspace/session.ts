import type { EditorView } from "@codemirror/view";
import { api, type Entry, type WorkspaceInfo } from "@/api/api";
import { ApiError } from "@/api/request";
import { Connection, RequestError, Value } from "@/connection";
import { Documents } from "@/documents";
import { lookForNewVersion } from "@/offline/keepPage";
import type { Comparison } from "./compare/compare";
import { History } from "./history/history";
import { FileActions } from "./files/actions";
import { Files } from "./files/files";
import { Uploads } from "./files/uploads";
import { PreviewConsole } from "./output/console";
import { know } from "./known";
import { Following } from "./people/following";
import { Previews } from "./output/previews";
import { KeptView } from "./view/keptView";
import { tellPresence } from "./presence";
import { StartupWatch } from "./startup";
import { Shells } from "./terminals/shells";
import { Search } from "./search/search";
import { OpenFiles } from "./tabs/openFiles";
import { Offers } from "./offers";

/** How long the editor may keep the other panes waiting. Milliseconds. */
const editorFirst = 1000;
/** A ticket is asked for anew when it has less than this left. Milliseconds. */
const ticketMargin = 30_000;

/**
 * One workspace, open in this page: what React draws subscribes to the parts of this. Made when the page is entered and
 * ended by `close`; closing stops nothing in the workspace itself.
 */
export class WorkspaceSession {
  readonly slug: string;
  readonly connection: Connection;
  readonly documents: Documents;
  readonly files: Files;
  readonly fileActions: FileActions;
  readonly uploads: Uploads;
  readonly tabs: OpenFiles;
  readonly following: Following;
  readonly search: Search;
  readonly history: History;
  /** The view of the editor that is shown. */
  readonly editor = new Value<EditorView | null>(null);
  /** The editor has its text, or has none to wait for: what else costs time may begin, beside the typing and not before it. */
  readonly settled = new Value(false);
  readonly shells: Shells;
  readonly previews: Previews;
  readonly console: PreviewConsole;
  readonly startup: StartupWatch;
  readonly view: KeptView;
  /** Two texts that are looked at in the place of the editor; null: none are. */
  readonly diff = new Value<Comparison | null>(null);
  readonly offers = new Offers();
  /** What control knows of it; null until it has answered. */
  readonly info = new Value<WorkspaceInfo | null>(null);

  private entry: Entry | null = null;
  private readonly ends: (() => void)[] = [];

  constructor(slug: string) {
    this.slug = slug;
    this.connection = new Connection(slug, () => this.enter());
    this.documents = new Documents(this.connection);
    this.files = new Files(slug, this.connection);
    this.uploads = new Uploads(() => this.ticket());
    this.tabs = new OpenFiles(slug, this.documents);
    this.following = new Following(this.connection, this.tabs);
    this.search = new Search(this.connection, () => this.documents.pushAll());
    this.history = new History(this);
    this.fileActions = new FileActions(this.files, this.tabs);
    this.view = new KeptView(slug, ({ tabs, folders, terminals }) => {
      if (tabs) this.tabs.adopt(tabs);
      for (const folder of folders) this.files.toggle(folder, true);
      this.shells.adopt(terminals);
    });
    this.shells = new Shells(this.connection, this.view.current.terminals, (terminals) => this.view.set({ terminals }));
    this.previews = new Previews(slug);
    this.console = new PreviewConsole(slug);
    this.startup = new StartupWatch(slug, this.connection.state);
    const settle = () => this.settled.set(true);
    const timer = setTimeout(settle, editorFirst);
    this.ends.push(
      () => clearTimeout(timer),
      this.editor.subscribe(settle),
      this.connection.hello.subscribe(() => {
        const main = this.connection.hello.get()?.project.main ?? null;
        // On another device, what was left there comes first.
        void this.view.settled.then(() => {
          this.tabs.openFirst(main);
          if (this.tabs.tabs.get().active === null) settle();
        });
      }),
      this.tabs.tabs.subscribe(() => this.view.set({ tabs: this.tabs.tabs.get() })),
      this.keepFolders(),
      tellPresence(this.connection),
      this.keepWhileAway(),
      this.documents.dirty.subscribe(() => {
        // Whoever types has come back.
        if (this.connection.state.get().kind === "asleep" && this.documents.dirty.get().length > 0) {
          this.connection.retryNow();
        }
      }),
    );
    api.workspaces().then(
      (all) => {
        const info = all.find((one) => one.slug === slug) ?? null;
        if (info) know(slug, info);
        this.info.set(info);
      },
      () => undefined, // The name is an ornament here; the connection tells what is wrong.
    );
  }

  /** A ticket that is good for a while yet, and the origin that it opens. */
  async ticket(): Promise<Entry> {
    const entry = this.entry;
    if (entry && expiry(entry) - Date.now() > ticketMargin) return entry;
    return this.enter();
  }

  close(): void {
    this.ends.forEach((end) => end());
    this.view.close();
    this.startup.close();
    this.search.close();
    this.shells.close();
    this.console.close();
    this.files.close();
    this.following.stop();
    this.tabs.close();
    this.documents.close();
    this.connection.close();
  }

  // Edits that only this browser has must not be what it makes room with; and whoever was away may be another version now.
  private keepWhileAway(): () => void {
    let away = false;
    return this.connection.state.subscribe(() => {
      const { kind } = this.connection.state.get();
      if (kind === "offline" && !away) {
        away = true;
        const storage = (navigator as { storage?: StorageManager }).storage;
        if (this.documents.dirty.get().length > 0) storage?.persist().catch(() => undefined);
      } else if (kind === "online" && away) {
        away = false;
        lookForNewVersion();
      }
    });
  }

  private keepFolders(): () => void {
    let before = this.files.tree.get().open;
    return this.files.tree.subscribe(() => {
      const { open } = this.files.tree.get();
      if (open === before) return;
      before = open;
      this.view.set({ folders: [...open].filter((folder) => folder !== "") });
    });
  }

  private async enter(): Promise<Entry> {
    try {
      this.entry = await api.open(this.slug);
      return this.entry;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) throw new RequestError("not_found", error.message);
      if (error.status === 401 || error.status === 403 || error.status === 409)
        throw new RequestError("denied", error.message);
      // Any other is tried again, and its sentence shown meanwhile.
      throw new RequestError("offline", error.message);
    }
  }
}

function expiry({ expires }: Entry): number {
  return typeof expires === "number" ? expires * 1000 : Date.parse(expires);
}
