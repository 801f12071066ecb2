import type { Events, Hello, Operation, Requests } from "./messages";
import { RequestError } from "./messages";
import type { Store } from "./store";
import { Value } from "./store";

export interface ConnectionState {
  kind: "connecting" | "online" | "offline" | "refused";
  /** Tries since the last time it was online; 0 while online. */
  attempt: number;
  /** When the next try starts; Unix milliseconds, null when none is planned. */
  retryAt: number | null;
  /** Why it is not online, in words; empty while online. */
  reason: string;
  /** Since when it is of this kind; Unix milliseconds. */
  since: number;
}

/** What opens a runner: a fresh ticket and the workspace's own origin, `https://slug.domain`. */
export interface Entry {
  ticket: string;
  origin: string;
}

export class Connection {
  readonly slug: string;
  readonly state: Store<ConnectionState> = new Value<ConnectionState>({
    kind: "connecting",
    attempt: 0,
    retryAt: null,
    reason: "",
    since: Date.now(),
  });
  readonly hello: Store<Hello | null> = new Value<Hello | null>(null);

  constructor(slug: string, enter: () => Promise<Entry>) {
    this.slug = slug;
    void enter;
  }

  request<O extends Operation>(operation: O, args: Requests[O]["args"]): Promise<Requests[O]["result"]> {
    void args;
    return Promise.reject(new RequestError("offline", `${operation} waits for a connection.`));
  }

  on<E extends keyof Events>(event: E, listener: (body: Events[E]) => void): () => void {
    void event;
    void listener;
    return () => undefined;
  }

  retryNow(): void {
    void this.slug;
  }

  close(): void {
    void this.slug;
  }
}
