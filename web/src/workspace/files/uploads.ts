import type { Entry } from "@/api/api";
import { Value } from "@/connection";
import { join } from "./tree";

/** One file on its way into the workspace. Bytes. */
export type Upload = { id: number; path: string; sent: number; size: number; fault: string | null };

/** Files to send, with their paths below the place they are put, and folders that have nothing in them. */
export type Picked = { files: { path: string; file: File }[]; folders: string[] };

/** All that is on its way. Bytes. */
export type Batch = { files: number; arrived: number; bytes: number; sent: number };

const noBatch: Batch = { files: 0, arrived: 0, bytes: 0, sent: 0 };

/** How many files travel at once: enough to fill the line, few enough that each one moves. */
const parallel = 4;

/** Files on their way from this machine into the workspace. */
export class Uploads {
  /** Those that travel now, and those that failed. */
  readonly all = new Value<readonly Upload[]>([]);
  readonly batch = new Value<Batch>(noBatch);
  private readonly ticket: () => Promise<Entry>;
  private readonly under = new Map<number, XMLHttpRequest>();
  private waiting: { path: string; file: File }[] = [];
  private last = 0;

  constructor(ticket: () => Promise<Entry>) {
    this.ticket = ticket;
  }

  /** Sends files into a folder. Resolves when each has arrived or failed; gives the number that arrived. */
  async send(folder: string, files: readonly { path: string; file: File }[]): Promise<number> {
    const mine = files.map(({ path, file }) => ({ path: join(folder, path), file }));
    this.waiting.push(...mine);
    const { files: count, bytes, ...rest } = this.batch.get();
    const more = mine.reduce((sum, { file }) => sum + file.size, 0);
    this.batch.set({ ...rest, files: count + mine.length, bytes: bytes + more });
    let arrived = 0;
    const worker = async () => {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
        if (await this.sendOne(next.path, next.file)) arrived++;
      }
    };
    await Promise.all(Array.from({ length: parallel }, worker));
    if (this.under.size === 0 && this.waiting.length === 0) this.batch.set(noBatch);
    return arrived;
  }

  /** Sends a zip whose contents are unpacked into a folder; nothing there is replaced. Throws a sentence. */
  async unpack(folder: string, zip: File): Promise<void> {
    const upload = this.add(zip.name, zip.size);
    const fault = await this.put(upload.id, folder, zip, "?unpack");
    this.drop(upload.id);
    if (fault !== null) throw new Error(fault);
  }

  /** Takes one off the list; one that is under way is stopped. */
  dismiss(id: number): void {
    this.under.get(id)?.abort();
    this.drop(id);
  }

  /** Stops what is under way, sends nothing more, and forgets what failed. */
  stopAll(): void {
    this.waiting = [];
    for (const request of this.under.values()) request.abort();
    this.all.set([]);
    this.batch.set(noBatch);
  }

  private add(path: string, size: number): Upload {
    const upload = { id: ++this.last, path, sent: 0, size, fault: null };
    this.all.set([...this.all.get(), upload]);
    return upload;
  }

  private drop(id: number): void {
    this.all.set(this.all.get().filter((one) => one.id !== id));
  }

  private async sendOne(path: string, file: File): Promise<boolean> {
    const { id } = this.add(path, file.size);
    const fault = await this.put(id, path, file);
    if (fault === null) this.drop(id);
    else this.change(id, { fault });
    const batch = this.batch.get();
    if (batch.files > 0) this.batch.set({ ...batch, arrived: batch.arrived + 1, sent: batch.sent + file.size });
    return fault === null;
  }

  private async put(id: number, path: string, file: File, query = ""): Promise<string | null> {
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
      request.open("PUT", `${entry.origin}/.dropit/files/${path.split("/").map(encodeURIComponent).join("/")}${query}`);
      request.setRequestHeader("Authorization", `Bearer ${entry.ticket}`);
      request.send(file);
    }).finally(() => this.under.delete(id));
  }

  private change(id: number, change: Partial<Upload>): void {
    this.all.set(this.all.get().map((one) => (one.id === id ? { ...one, ...change } : one)));
  }
}

function faultOf(request: XMLHttpRequest): string {
  try {
    const { error } = JSON.parse(request.responseText) as { error?: { message?: string } };
    if (error?.message) return error.message;
  } catch {
    // Something between us and the workspace answered.
  }
  return request.status === 413
    ? "The file is larger than the workspace takes."
    : `The workspace answered with ${request.status}.`;
}

/** What was dropped or pasted, with all that is in folders. */
export async function dropped(data: DataTransfer): Promise<Picked> {
  // The entries must be taken before the first await: the list is emptied after the event.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const picked: Picked = { files: [], folders: [] };
  for (const entry of entries) await collect(entry, picked);
  return picked;
}

async function collect(entry: FileSystemEntry, into: Picked): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.files.push({ path: entry.fullPath.slice(1), file });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (let first = true; ; first = false) {
    // A reader gives at most 100 entries a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) {
      if (first) into.folders.push(entry.fullPath.slice(1));
      return;
    }
    for (const one of some) await collect(one, into);
  }
}
