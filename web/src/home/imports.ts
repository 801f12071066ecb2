import { api, type ImportEvent } from "@/api/api";
import { messageOf } from "@/api/request";
import { Value } from "@/connection/store";

export type ImportState =
  | { kind: "running"; message: string; share: number }
  | { kind: "done"; slug: string; notes: readonly string[] }
  | { kind: "failed"; message: string; stopped: boolean };

export type GitSource = { url: string; token: string; history: boolean };

/** One import, from the first byte to the workspace. `stop` ends it wherever it is; nothing is made then. */
export class ImportRun {
  readonly state = new Value<ImportState>({ kind: "running", message: "Asking the server", share: 0 });
  private end: () => void = () => undefined;
  private id: string | null = null;
  private stopped = false;

  static git(source: GitSource, team: number | null): ImportRun {
    const run = new ImportRun();
    void run.follow(api.importGit({ ...source, team }), 0);
    return run;
  }

  static zip(file: File, team: number | null): ImportRun {
    const run = new ImportRun();
    void run.follow(run.send(file, team), sendingShare);
    return run;
  }

  stop(): void {
    if (this.state.get().kind !== "running") return;
    this.stopped = true;
    this.end();
    if (this.id !== null) api.stopImport(this.id).catch(() => undefined); // It has ended by itself.
    this.state.set({ kind: "failed", message: "Stopped. Nothing was made.", stopped: true });
  }

  private async follow(begun: Promise<{ id: string }>, from: number): Promise<void> {
    try {
      const { id } = await begun;
      this.id = id;
      if (this.stopped) {
        await api.stopImport(id);
        return;
      }
      this.watch(id, from);
    } catch (error) {
      if (!this.stopped) this.state.set({ kind: "failed", message: messageOf(error), stopped: false });
    }
  }

  private watch(id: string, from: number): void {
    const events = new EventSource(api.importEventsAddress(id));
    this.end = () => events.close();
    events.onmessage = ({ data }) => {
      const event = JSON.parse(data as string) as ImportEvent;
      if (event.state === "running") {
        this.state.set({ kind: "running", message: event.message, share: from + (1 - from) * event.share });
        return;
      }
      events.close();
      this.state.set(
        event.state === "done" && event.slug
          ? { kind: "done", slug: event.slug, notes: event.notes }
          : { kind: "failed", message: event.message, stopped: event.state === "cancelled" },
      );
    };
    events.onerror = () => {
      // While the browser tries again by itself the import goes on.
      if (events.readyState !== EventSource.CLOSED) return;
      const message = "The server does not know this import any more: it was started anew. Begin again.";
      this.state.set({ kind: "failed", message, stopped: false });
    };
  }

  private send(file: File, team: number | null): Promise<{ id: string }> {
    // fetch does not tell how much of a body has gone out.
    const request = new XMLHttpRequest();
    this.end = () => request.abort();
    return new Promise((resolve, reject) => {
      request.upload.onprogress = ({ loaded }) => {
        const share = file.size === 0 ? 1 : loaded / file.size;
        this.state.set({ kind: "running", message: "Sending the zip", share: sendingShare * share });
      };
      request.onload = () => {
        if (request.status < 300) resolve(JSON.parse(request.responseText) as { id: string });
        else reject(new Error(detailOf(request)));
      };
      request.onerror = () => reject(new Error("The connection was lost, or the zip is larger than the server takes."));
      request.onabort = () => reject(new Error("Stopped."));
      request.open("POST", api.importZipAddress(file.name.replace(/\.zip$/i, "") || "Imported", team));
      request.send(file);
    });
  }
}

/** The part of the bar that belongs to the way to the server. */
const sendingShare = 0.4;

function detailOf(request: XMLHttpRequest): string {
  try {
    const { detail } = JSON.parse(request.responseText) as { detail?: string };
    if (detail) return detail;
  } catch {
    // Not a problem document.
  }
  return `The server answered with ${request.status}.`;
}

/** The repository that an address such as `/#https://github.com/owner/name` asks for; null: it asks for none. */
export function askedImport(hash: string): string | null {
  const text = decoded(hash.replace(/^#/, "")).trim();
  return /^(https?:\/\/|git@|ssh:\/\/git@)\S+$/i.test(text) && text.length <= 2000 ? text : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An address for people: without scheme, name and password. */
export function shownAddress(url: string): string {
  return url.replace(/^[a-z+]+:\/\//i, "").replace(/^[^@/]*@/, "");
}
