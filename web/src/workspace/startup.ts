import { api, type Startup } from "@/api/api";
import { Value, type ConnectionState, type Store } from "@/connection";

/** How far the workspace is on its way up, asked for only while there is no connection to it. */
export class StartupWatch {
  readonly progress = new Value<Startup | null>(null);
  private readonly slug: string;
  private readonly connection: Store<ConnectionState>;
  private readonly unsubscribe: () => void;
  private source: EventSource | null = null;

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
    if (kind === "online" || kind === "asleep" || kind === "refused") this.stop();
    else this.source ??= this.start();
  }

  private start(): EventSource {
    const source = new EventSource(api.eventsAddress(this.slug));
    source.onmessage = (message: MessageEvent<string>) => {
      try {
        this.progress.set(JSON.parse(message.data) as Startup);
      } catch {
        // A line that is not ours says nothing about the workspace.
      }
    };
    return source;
  }

  private stop(): void {
    this.source?.close();
    this.source = null;
    this.progress.set(null);
  }
}
