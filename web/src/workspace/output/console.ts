import { Value } from "@/connection";

export type Level = "log" | "info" | "warn" | "error" | "debug";

/** A line that the previewed page logged; `count`: how many times in a row. */
export type Entry = { id: number; level: Level; text: string; source: string | null; count: number };

/** What the previewed page says of itself. */
export type PageReport = { path: string; title: string; empty: boolean; failed: boolean; done: boolean };

/** Entries kept of a port; the oldest go first. */
export const maxEntries = 500;
const levels: ReadonlySet<string> = new Set<Level>(["log", "info", "warn", "error", "debug"]);

export type Message =
  { kind: "entry"; level: Level; text: string; source: string | null } | ({ kind: "page" } & PageReport);

/** Reads what a preview posted; null for what is none. It comes from the previewed page, so nothing of it is believed. */
export function messageOf(data: unknown): Message | null {
  if (typeof data !== "object" || data === null) return null;
  const said = data as Record<string, unknown>;
  if (said.dropit !== "preview") return null;
  if (
    said.kind === "entry" &&
    typeof said.text === "string" &&
    typeof said.level === "string" &&
    levels.has(said.level)
  ) {
    const source = typeof said.source === "string" ? said.source.slice(0, 400) : null;
    return { kind: "entry", level: said.level as Level, text: said.text.slice(0, 4_100), source };
  }
  if (said.kind === "page" && typeof said.path === "string" && said.path.startsWith("/")) {
    return {
      kind: "page",
      path: said.path.slice(0, 2_100),
      title: typeof said.title === "string" ? said.title.slice(0, 200) : "",
      empty: said.empty === true,
      failed: said.failed === true,
      done: said.done === true,
    };
  }
  return null;
}

/** With one more entry; the same as the last only counts. */
export function withEntry(entries: readonly Entry[], next: Omit<Entry, "id" | "count">): Entry[] {
  const last = entries.at(-1);
  if (last?.level === next.level && last.text === next.text && last.source === next.source) {
    return [...entries.slice(0, -1), { ...last, count: last.count + 1 }];
  }
  return [...entries.slice(1 - maxEntries), { ...next, id: (last?.id ?? 0) + 1, count: 1 }];
}

/** The port of a preview's origin in a workspace; null when it is none of its. */
export function portOf(origin: string, slug: string): number | null {
  try {
    const match = /^(\d{1,5})--([a-z0-9-]+)\./.exec(new URL(origin).hostname);
    return match?.[2] === slug ? Number(match[1]) : null;
  } catch {
    return null;
  }
}

/** What the previewed pages of one workspace log and say. Listens from its making to `close`. */
export class PreviewConsole {
  readonly entries = new Value<ReadonlyMap<number, readonly Entry[]>>(new Map());
  readonly pages = new Value<ReadonlyMap<number, PageReport>>(new Map());
  private readonly slug: string;
  private readonly listen = (event: MessageEvent) => this.take(event);
  /** Entries that came since the last frame: drawn together. */
  private waiting: { port: number; entry: Omit<Entry, "id" | "count"> }[] = [];
  private frame: number | null = null;

  constructor(slug: string) {
    this.slug = slug;
    window.addEventListener("message", this.listen);
  }

  /** A page is loaded anew on a port. */
  begin(port: number): void {
    this.clear(port);
    const pages = new Map(this.pages.get());
    pages.delete(port);
    this.pages.set(pages);
  }

  clear(port: number): void {
    this.waiting = this.waiting.filter((one) => one.port !== port);
    this.entries.set(new Map([...this.entries.get()].filter(([one]) => one !== port)));
  }

  close(): void {
    window.removeEventListener("message", this.listen);
    if (this.frame !== null) cancelAnimationFrame(this.frame);
  }

  private take({ data, origin, source }: MessageEvent): void {
    const port = portOf(origin, this.slug);
    if (port === null) return;
    const message = messageOf(data);
    if (message === null) return;
    if (message.kind === "page") {
      // A frame inside the previewed page is not the page.
      if (source !== null && "parent" in source && source.parent !== window) return;
      this.pages.set(new Map([...this.pages.get(), [port, message]]));
    } else if (this.waiting.length < maxEntries) {
      this.waiting.push({ port, entry: { level: message.level, text: message.text, source: message.source } });
      this.frame ??= requestAnimationFrame(() => this.flush());
    }
  }

  private flush(): void {
    this.frame = null;
    const next = new Map(this.entries.get());
    for (const { port, entry } of this.waiting) next.set(port, withEntry(next.get(port) ?? [], entry));
    this.waiting = [];
    this.entries.set(next);
  }
}
