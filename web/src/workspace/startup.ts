import { api, type Startup } from "@/api/api";
import { Value, type ConnectionState, type Store } from "@/connection";

/** One step of a start. `at`: Unix milliseconds. */
export type StartupLine = { at: number; text: string; state: Startup["state"] };

/** A start has a few steps; of one that is tried again and again the newest are kept. */
const mostLines = 50;

/** The lines with what is new in `now`; a restore that goes on is one line. */
export function withLine(lines: readonly StartupLine[], now: Startup, at: number): readonly StartupLine[] {
  const text = wordsOf(now);
  const last = lines.at(-1);
  if (!text || last?.text === text) return lines;
  const kept = last?.state === "restoring" && now.state === "restoring" ? lines.slice(0, -1) : lines;
  return [...kept, { at, text, state: now.state }].slice(-mostLines);
}

/** "Restoring 12 of 40 MB". */
export function restoringWords({ doneBytes, totalBytes }: Startup): string {
  if (!totalBytes) return "Restoring the files";
  const unit = totalBytes >= 1e6 ? 1e6 : 1e3;
  const count = (bytes: number) => Math.round(bytes / unit);
  return `Restoring ${count(doneBytes ?? 0)} of ${count(totalBytes)} ${unit === 1e6 ? "MB" : "KB"}`;
}

function wordsOf(now: Startup): string {
  if (now.message) return now.message;
  switch (now.state) {
    case "starting":
      return "Starting the workspace";
    case "restoring":
      return restoringWords(now);
    case "awake":
      return "Ready";
    case "stopping":
      return "The workspace saves what is left";
    case "failed":
      return "The workspace could not start.";
    case "asleep":
      return "";
  }
}

/** How far the workspace is on its way up, asked for only while there is no connection to it. */
export class StartupWatch {
  readonly progress = new Value<Startup | null>(null);
  /** The steps since the connection was lost. */
  readonly lines = new Value<readonly StartupLine[]>([]);
  /** What broke the workspace last, in words; stays when it is well again. */
  readonly cause = new Value<string | null>(null);
  private readonly slug: string;
  private readonly connection: Store<ConnectionState>;
  private readonly unsubscribe: () => void;
  private source: EventSource | null = null;
  private heard = false;

  constructor(slug: string, connection: Store<ConnectionState>) {
    this.slug = slug;
    this.connection = connection;
    this.unsubscribe = connection.subscribe(() => this.follow());
    this.follow();
  }

  close(): void {
    this.unsubscribe();
    this.stop();
  }

  private follow(): void {
    const { kind } = this.connection.get();
    if (kind === "online" || kind === "asleep" || kind === "refused") {
      // A workspace that is back at once says only now what had happened to it.
      if (this.heard || !this.source) this.stop();
    } else {
      this.source ??= this.start();
    }
  }

  private start(): EventSource {
    this.heard = false;
    this.lines.set([]);
    const source = new EventSource(api.eventsAddress(this.slug));
    source.onmessage = (message: MessageEvent<string>) => {
      try {
        this.take(JSON.parse(message.data) as Startup);
      } catch {
        // A line that is not ours says nothing about the workspace.
      }
    };
    return source;
  }

  private take(now: Startup): void {
    this.heard = true;
    this.progress.set(now);
    this.lines.set(withLine(this.lines.get(), now, Date.now()));
    if (now.cause) this.cause.set(now.cause);
    this.follow();
  }

  private stop(): void {
    this.source?.close();
    this.source = null;
    this.progress.set(null);
  }
}
