import type { Entry } from "@/api/api";
import { Value } from "@/connection";
import { join } from "./tree";

/** One file on its way into the workspace. Bytes. */
export type Upload = { id: number; path: string; sent: number; size: number; fault: string | null };

type Picked = { path: string; file: File };

/** How many files travel at once: enough to fill the line, few enough that each one moves. */
const parallel = 4;

/** Files on their way from this machine into the workspace. */
export class Uploads {
  readonly all = new Value<readonly Upload[]>([]);
  private readonly ticket: () => Promise<Entry>;
  private readonly under = new Map<number, XMLHttpRequest>();
  private last = 0;

  constructor(ticket: () => Promise<Entry>) {
    this.ticket = ticket;
  }

  /** Sends files into a folder. Resolves when each has arrived or failed; gives the number that arrived. */
  async send(folder: string, files: readonly Picked[]): Promise<number> {
    const waiting = files.map(({ path, file }) => ({ upload: this.add(join(folder, path), file.size), file }));
    let arrived = 0;
    const worker = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        if (await this.sendOne(next.upload, next.file)) arrived++;
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    return arrived;
  }

  /** Takes one off the list; one that is under way is stopped. */
  dismiss(id: number): void {
    this.under.get(id)?.abort();
    this.all.set(this.all.get().filter((one) => one.id !== id));
  }

  private add(path: string, size: number): Upload {
    const upload = { id: ++this.last, path, sent: 0, size, fault: null };
    this.all.set([...this.all.get(), upload]);
    return upload;
  }

  private async sendOne({ id, path }: Upload, file: File): Promise<boolean> {
    if (!this.all.get().some((one) => one.id === id)) return false;
    const fault = await this.put(id, path, file);
    if (fault === null) this.all.set(this.all.get().filter((one) => one.id !== id));
    else this.change(id, { fault });
    return fault === null;
  }

  private async put(id: number, path: string, file: File): Promise<string | null> {
    let entry: Entry;
    try {
      entry = await this.ticket();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    // fetch does not tell how much of a body has gone out.
    const request = new XMLHttpRequest();
    this.under.set(id, request);
    return new Promise<string | null>((resolve) => {
      request.upload.onprogress = ({ loaded }) => this.change(id, { sent: loaded });
      request.onload = () => resolve(request.status < 300 ? null : faultOf(request));
      request.onerror = () => resolve("The connection was lost. Upload it again.");
      request.onabort = () => resolve("Stopped.");
      request.open("PUT", `${entry.origin}/.dropit/files/${path.split("/").map(encodeURIComponent).join("/")}`);
      request.setRequestHeader("Authorization", `Bearer ${entry.ticket}`);
      request.send(file);
    }).finally(() => this.under.delete(id));
  }

  private change(id: number, change: Partial<Upload>): void {
    this.all.set(this.all.get().map((one) => (one.id === id ? { ...one, ...change } : one)));
  }
}

function faultOf(request: XMLHttpRequest): string {
  if (request.status === 413) return "The file is larger than 512 MiB, the most that an upload takes.";
  try {
    const { detail } = JSON.parse(request.responseText) as { detail?: string };
    if (detail) return detail;
  } catch {
    // Not a problem document.
  }
  return `The workspace answered with ${request.status}.`;
}

/** The files of a drop, those in folders too, with their paths below the place of the drop. */
export async function dropped(data: DataTransfer): Promise<Picked[]> {
  // The entries must be taken before the first await: the list is emptied after the event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const picked: Picked[] = [];
  for (const entry of entries) await collect(entry, picked);
  return picked;
}

async function collect(entry: FileSystemEntry, into: Picked[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push({ path: entry.fullPath.slice(1), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most 100 entries a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some) await collect(one, into);
  }
}
