import { api, type Entry, type WorkspaceInfo } from "@/api/api";
import { ApiError } from "@/api/request";
import { Connection, RequestError, Value } from "@/connection";
import { Documents } from "@/documents";
import { Files } from "./files/files";
import { Uploads } from "./files/uploads";
import { Previews } from "./output/previews";
import { StartupWatch } from "./startup";
import { Shells } from "./terminals/shells";
import { OpenFiles } from "./tabs/openFiles";

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
  readonly uploads: Uploads;
  readonly tabs: OpenFiles;
  readonly shells: Shells;
  readonly previews: Previews;
  readonly startup: StartupWatch;
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
    this.shells = new Shells(this.connection);
    this.previews = new Previews(slug);
    this.startup = new StartupWatch(slug, this.connection.state);
    this.ends.push(
      this.connection.hello.subscribe(() => {
        const hello = this.connection.hello.get();
        if (hello) this.tabs.openFirst(hello.project.main ?? null);
      }),
    );
    api.workspaces().then(
      (all) => this.info.set(all.find((one) => one.slug === slug) ?? null),
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
    this.startup.close();
    this.files.close();
    this.tabs.close();
    this.documents.close();
    this.connection.close();
  }

  private async enter(): Promise<Entry> {
    try {
      this.entry = await api.open(this.slug);
      return this.entry;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 404) throw new RequestError("not_found", error.message);
      if (error.status === 401 || error.status === 403) throw new RequestError("denied", error.message);
      throw error;
    }
  }
}

function expiry({ expires }: Entry): number {
  return typeof expires === "number" ? expires * 1000 : Date.parse(expires);
}
