import { backoff } from "./backoff";
import { FrameError, FrameType, fromUtf8, readFrame, utf8, writeFrame } from "./frames";
import { completed, withEvent } from "./hello";
import type { ErrorCode, Events, Hello, Operation, Requests } from "./messages";
import { RequestError } from "./messages";
import type { Store } from "./store";
import { Value } from "./store";

export interface ConnectionState {
  /** `asleep`: the workspace is meant to be down; it is woken by `retryNow`, not by itself. */
  kind: "connecting" | "online" | "offline" | "asleep" | "refused";
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

/** What the connection uses of a WebSocket. */
export type Socket = Pick<WebSocket, "binaryType" | "send" | "close" | "onmessage" | "onclose">;

export type ChannelOperation = "document.open" | "terminal.attach";

/** What a channel tells its owner, in the order of the socket. After `failed` or `lost` nothing more comes. */
export interface ChannelListener<O extends ChannelOperation> {
  opened(result: Requests[O]["result"]): void;
  failed(error: RequestError): void;
  /** A frame for it. What it throws as FrameError closes the socket. */
  frame(type: number, payload: Uint8Array): void;
  /** The socket is gone; open another channel when the connection is online again. */
  lost(): void;
}

/** A numbered channel of the socket that is up now. */
export interface Channel {
  /** Sends a frame at once; drops it when the socket is gone. */
  send(type: FrameType, payload: Uint8Array): void;
  /** Ends it from this side: its listener hears nothing more. */
  close(): void;
  /** The runner ended it: frames are dropped, nothing is sent. */
  ended(): void;
}

interface Pending {
  operation: Operation;
  args: object;
  resolve: (result: never) => void;
  reject: (error: RequestError) => void;
  /** Gives up while it waits for a connection; null once it is sent. */
  timer: ReturnType<typeof setTimeout> | null;
}

interface AnyListener {
  opened(result: never): void;
  failed(error: RequestError): void;
  frame(type: number, payload: Uint8Array): void;
  lost(): void;
}

/** Milliseconds. */
const times = {
  /** Between the last sign of life, either way, and a ping. */
  silence: 10_000,
  /** Between a ping and taking the socket for dead when nothing at all came. */
  dead: 5_000,
  /** For a fresh ticket: a sleeping workspace may have to be woken first. */
  enter: 60_000,
  /** Between the socket's start and the runner's first word. */
  hello: 15_000,
  /** How long a request waits for a connection. */
  request: 30_000,
  /** Online for this long means that the trouble before is over: the backoff starts anew. */
  settled: 5_000,
};

/** Requests waiting for a connection; a page has no use for more, and each holds what a user is waiting for. */
const maxWaiting = 256;

/** These change nothing, so they are asked again when the answer was lost. */
const repeatable: ReadonlySet<Operation> = new Set<Operation>([
  "files.list",
  "files.find",
  "files.stat",
  "journal.flush",
  "terminal.resolve",
  "machine.look",
  "preview.check",
]);

const nothing = new Uint8Array(0);

/** One socket to the runner of a workspace, made again whenever it is lost, until `close`. */
export class Connection {
  readonly slug: string;
  private readonly enter: () => Promise<Entry>;
  private readonly openSocket: (url: string, protocols: string[]) => Socket;
  private readonly stateValue: Value<ConnectionState>;
  private readonly helloValue = new Value<Hello | null>(null);
  private readonly listeners = new Map<string, Set<(body: never) => void>>();
  private readonly undo: (() => void)[] = [];

  private closed = false;
  /** Counts the tries, so that what an earlier one started knows that it is over. */
  private round = 0;
  private failures = 0;
  private tryTimer: ReturnType<typeof setTimeout> | undefined;
  private aliveTimer: ReturnType<typeof setTimeout> | undefined;
  private socket: Socket | null = null;
  private onlineSince = 0;
  /** Why the workspace goes to sleep, once it has said so. */
  private sleeps: string | null = null;
  private lastReceived = 0;
  private lastSent = 0;

  private nextRequest = 1;
  private nextChannel = 1;
  private waiting: Pending[] = [];
  private readonly sent = new Map<number, Pending>();
  private readonly channels = new Map<number, AnyListener>();

  /**
   * @param enter gets a fresh ticket, before each try. A RequestError of it with `denied` or `not_found` ends the
   *   tries (`refused`) until `retryNow`; anything else is taken for a passing trouble.
   * @param openSocket for tests.
   */
  constructor(
    slug: string,
    enter: () => Promise<Entry>,
    openSocket: (url: string, protocols: string[]) => Socket = (url, protocols) => new WebSocket(url, protocols),
  ) {
    this.slug = slug;
    this.enter = enter;
    this.openSocket = openSocket;
    this.stateValue = new Value<ConnectionState>({
      kind: "connecting",
      attempt: 1,
      retryAt: null,
      reason: "",
      since: Date.now(),
    });
    if (typeof window !== "undefined") {
      const wake = () => this.check();
      const shown = () => {
        if (document.visibilityState === "visible") this.check();
      };
      window.addEventListener("online", wake);
      document.addEventListener("visibilitychange", shown);
      this.undo.push(() => window.removeEventListener("online", wake));
      this.undo.push(() => document.removeEventListener("visibilitychange", shown));
    }
    this.connect();
  }

  get state(): Store<ConnectionState> {
    return this.stateValue;
  }

  /** What the runner last said about itself, kept current by its events; null before the first word. */
  get hello(): Store<Hello | null> {
    return this.helloValue;
  }

  get online(): boolean {
    return this.stateValue.get().kind === "online";
  }

  /**
   * Asks the runner. While there is no connection the request waits for one, at most 30 s.
   * @throws RequestError by rejection, with a message for the user.
   */
  request<O extends Operation>(operation: O, args: Requests[O]["args"]): Promise<Requests[O]["result"]> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { operation, args, resolve, reject, timer: null };
      const { kind, reason } = this.stateValue.get();
      if (this.closed) reject(closedError());
      else if (kind === "online") this.sendRequest(pending);
      else if (kind === "refused") reject(new RequestError("denied", reason));
      else if (kind === "asleep")
        reject(new RequestError("offline", "The workspace is asleep. Wake it, then try again."));
      else this.wait(pending);
    });
  }

  /** Calls `listener` with each such event, until the function that it returns is called. */
  on<E extends keyof Events>(event: E, listener: (body: Events[E]) => void): () => void {
    const set = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, set);
    const entry = (body: never) => listener(body);
    set.add(entry);
    return () => void set.delete(entry);
  }

  /** Opens a channel on the socket that is up now; null when there is none. */
  openChannel<O extends ChannelOperation>(
    operation: O,
    args: Omit<Requests[O]["args"], "channel">,
    listener: ChannelListener<O>,
  ): Channel | null {
    const socket = this.socket;
    if (socket === null || !this.online) return null;
    const number = this.nextChannel++;
    const any: AnyListener = listener;
    this.channels.set(number, any);
    this.sendRequest({
      operation,
      args: { channel: number, ...args },
      resolve: (result) => {
        if (this.channels.get(number) === any) any.opened(result);
      },
      reject: (error) => {
        // A lost socket tells its channels itself.
        if (error.code !== "lost" && error.code !== "closed" && this.channels.delete(number)) listener.failed(error);
      },
      timer: null,
    });
    const open = () => this.socket === socket && this.channels.get(number) === any;
    return {
      send: (type, payload) => {
        if (open()) this.send(number, type, payload);
      },
      close: () => {
        if (!open()) return;
        this.channels.delete(number);
        // Its answer says nothing of use: the channel is closed either way.
        const ignore = () => undefined;
        const args = { channel: number };
        this.sendRequest({ operation: "channel.close", args, resolve: ignore, reject: ignore, timer: null });
      },
      ended: () => {
        if (open()) this.channels.delete(number);
      },
    };
  }

  /** Tries now, instead of when the backoff ends; also after `refused`. */
  retryNow(): void {
    const { kind } = this.stateValue.get();
    if (this.closed || kind === "online" || kind === "connecting") return;
    this.connect();
  }

  /** Ends the connection for good. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const undo of this.undo) undo();
    this.drop("closed");
    this.setState("refused", "The page closed this workspace.", null);
  }

  /** The page may have slept, or changed its network: looks whether the socket is still good. */
  private check(): void {
    if (this.online) this.ping();
    else if (this.stateValue.get().kind === "offline") this.connect();
  }

  // How a connection comes up: ticket, socket, first word; each step gives up in its time.
  private connect(): void {
    const round = ++this.round;
    this.sleeps = null;
    clearTimeout(this.tryTimer);
    this.setState("connecting", this.stateValue.get().reason, null);
    this.giveUpAfter(times.enter, "The server has not answered for a minute.");
    this.enter().then(
      (entry) => {
        if (round === this.round && !this.closed) this.openTo(entry, round);
      },
      (error: unknown) => {
        if (round !== this.round || this.closed) return;
        const code = error instanceof RequestError ? error.code : null;
        const reason = error instanceof RequestError ? error.message : "The server cannot be reached.";
        if (code === "denied" || code === "not_found") this.refuse(reason);
        else this.lose(reason);
      },
    );
  }

  private openTo(entry: Entry, round: number): void {
    this.giveUpAfter(times.hello, "The workspace has not answered for 15 seconds.");
    const url = `${entry.origin.replace(/^http/, "ws")}/.dropit/ws`;
    let socket: Socket;
    try {
      socket = this.openSocket(url, ["dropit.1", `ticket.${entry.ticket}`]);
    } catch {
      this.refuse(`The server named an address that cannot be opened: ${url}. Ask whoever runs it.`);
      return;
    }
    this.socket = socket;
    this.nextRequest = 1;
    this.nextChannel = 1;
    socket.binaryType = "arraybuffer";
    socket.onclose = (event) => {
      if (round === this.round) this.lose(closeReason(event.code, event.reason));
    };
    socket.onmessage = (event: MessageEvent) => {
      if (round !== this.round) return;
      try {
        if (!(event.data instanceof ArrayBuffer)) throw new FrameError("a message is not binary");
        this.receive(new Uint8Array(event.data));
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        this.lose(`The workspace sent what this page does not understand (${error.message}). Reload the page.`);
      }
    };
  }

  private giveUpAfter(time: number, reason: string): void {
    clearTimeout(this.tryTimer);
    this.tryTimer = setTimeout(() => this.lose(reason), time);
  }

  private lose(reason: string): void {
    if (this.sleeps !== null) {
      this.rest(this.sleeps);
      return;
    }
    const settled = this.onlineSince !== 0 && Date.now() - this.onlineSince >= times.settled;
    this.failures = settled ? 0 : this.failures + 1;
    this.drop("lost");
    const delay = backoff(settled ? 0 : this.failures - 1, Math.random());
    this.tryTimer = setTimeout(() => this.connect(), delay);
    const offline = typeof navigator !== "undefined" && "onLine" in navigator && !navigator.onLine;
    this.setState("offline", offline ? "This computer has no network." : reason, Date.now() + delay);
  }

  private rest(reason: string): void {
    this.failures = 0;
    this.drop("lost");
    this.setState("asleep", reason, null);
    const waiting = this.waiting;
    this.waiting = [];
    for (const pending of waiting)
      this.fail(pending, "offline", "The workspace went to sleep. Wake it, then try again.");
  }

  private refuse(reason: string): void {
    this.failures++;
    this.drop("lost");
    this.setState("refused", reason, null);
    const waiting = this.waiting;
    this.waiting = [];
    for (const pending of waiting) this.fail(pending, "denied", reason);
  }

  // Takes down what belongs to one socket. The state follows at the caller.
  private drop(code: "lost" | "closed"): void {
    this.round++;
    clearTimeout(this.tryTimer);
    clearTimeout(this.aliveTimer);
    const socket = this.socket;
    this.socket = null;
    this.onlineSince = 0;
    if (socket !== null) {
      socket.onmessage = null;
      socket.onclose = null;
      socket.close(1000);
    }
    const sent = [...this.sent.values()];
    const channels = [...this.channels.values()];
    const waiting = this.waiting;
    this.sent.clear();
    this.channels.clear();
    this.waiting = [];
    if (code === "lost") {
      // No longer online, for those who look when they hear of it.
      if (this.online) this.setState("offline", "", null);
      for (const pending of sent.filter((p) => repeatable.has(p.operation))) this.wait(pending);
      this.waiting.push(...waiting);
    }
    for (const pending of sent) {
      if (code === "closed") pending.reject(closedError());
      else if (!repeatable.has(pending.operation)) pending.reject(lostError());
    }
    if (code === "closed") for (const pending of waiting) this.fail(pending, "closed", closedError().message);
    for (const channel of channels) channel.lost();
  }

  private wait(pending: Pending): void {
    if (this.waiting.length >= maxWaiting) {
      this.fail(pending, "offline", "Too much is waiting for the connection already. Try again when it is back.");
      return;
    }
    pending.timer = setTimeout(() => {
      this.waiting = this.waiting.filter((other) => other !== pending);
      const reason = this.stateValue.get().reason;
      this.fail(pending, "offline", `There is no connection to the workspace. ${reason} Try again when it is back.`);
    }, times.request);
    this.waiting.push(pending);
  }

  private fail(pending: Pending, code: ErrorCode, message: string): void {
    if (pending.timer !== null) clearTimeout(pending.timer);
    pending.reject(new RequestError(code, message));
  }

  private setState(kind: ConnectionState["kind"], reason: string, retryAt: number | null): void {
    const old = this.stateValue.get();
    const attempt = kind === "online" ? 0 : this.failures + (kind === "connecting" ? 1 : 0);
    const since = old.kind === kind ? old.since : Date.now();
    this.stateValue.set({ kind, attempt, retryAt, reason, since });
  }

  private send(channel: number, type: FrameType, payload: Uint8Array): void {
    if (this.socket === null) return;
    this.lastSent = Date.now();
    this.socket.send(writeFrame(channel, type, payload));
  }

  private sendRequest(pending: Pending): void {
    if (pending.timer !== null) clearTimeout(pending.timer);
    pending.timer = null;
    const id = this.nextRequest++;
    this.sent.set(id, pending);
    this.send(0, FrameType.request, utf8(JSON.stringify({ id, op: pending.operation, ...pending.args })));
  }

  private receive(message: Uint8Array): void {
    this.lastReceived = Date.now();
    const { channel, type, payload } = readFrame(message);
    if (channel !== 0) this.channels.get(channel)?.frame(type, payload);
    else if (type === FrameType.reply) this.receiveReply(parse(payload));
    else if (type === FrameType.event) this.receiveEvent(parse(payload));
    else if (type !== FrameType.pong) throw new FrameError(`type ${type} on channel 0`);
  }

  private receiveReply(reply: Record<string, unknown>): void {
    const id = reply.id as number;
    const pending = this.sent.get(id);
    if (pending === undefined) throw new FrameError(`a reply to request ${id}, which was not sent`);
    this.sent.delete(id);
    const error = reply.error as { code: ErrorCode; message: string } | undefined;
    if (error !== undefined) pending.reject(new RequestError(error.code, error.message));
    else pending.resolve(reply.result as never);
  }

  private receiveEvent(body: Record<string, unknown>): void {
    const event = body.event as keyof Events;
    const hello = this.helloValue.get();
    if (event === "hello") {
      const said = body as unknown as Hello;
      if (said.protocol !== 1) throw new FrameError(`protocol ${said.protocol}`);
      this.helloValue.set(completed(said));
      this.cameOnline();
    } else if (!this.online) {
      throw new FrameError(`${event} before hello`);
    } else if (event === "asleep") {
      this.sleeps = (body as unknown as Events["asleep"]).reason;
    } else if (hello !== null) {
      this.helloValue.set(withEvent(hello, event, body as never));
    }
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(body as never);
  }

  private cameOnline(): void {
    clearTimeout(this.tryTimer);
    this.onlineSince = Date.now();
    this.lastSent = this.onlineSince;
    this.watch(times.silence);
    this.setState("online", "", null);
    const waiting = this.waiting;
    this.waiting = [];
    for (const pending of waiting) this.sendRequest(pending);
  }

  // One timer that looks after the silence, not one a frame: typing and output start no timers.
  private watch(delay: number): void {
    clearTimeout(this.aliveTimer);
    this.aliveTimer = setTimeout(() => {
      const silent = Date.now() - Math.min(this.lastReceived, this.lastSent);
      if (silent >= times.silence) this.ping();
      else this.watch(times.silence - silent);
    }, delay);
  }

  private ping(): void {
    const sentAt = Date.now();
    this.lastReceived = 0;
    this.send(0, FrameType.ping, nothing);
    clearTimeout(this.aliveTimer);
    this.aliveTimer = setTimeout(() => {
      if (this.lastReceived === 0) this.lose("The workspace has not answered for 5 seconds.");
      else this.watch(Math.max(0, times.silence - (Date.now() - sentAt)));
    }, times.dead);
  }
}

function parse(payload: Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(fromUtf8(payload));
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FrameError("a message is not a JSON object");
}

function lostError(): RequestError {
  return new RequestError(
    "lost",
    "The connection was lost before the answer came: it may be done or not. Look, then try again if it is not.",
  );
}

function closedError(): RequestError {
  return new RequestError("closed", "The page has closed this workspace.");
}

/** Why a page is offline that is one more than the workspace takes of one person. */
export const tooManyPages =
  "You have as many pages of this workspace open as it takes. Close some: this one tries again by itself.";

function closeReason(code: number, reason: string): string {
  switch (code) {
    case 1013:
      return "This page was too slow for what the workspace sends, so it was cut off.";
    case 1002:
    case 1009:
      return `The workspace did not take what this page sent (${reason}). If it happens again, reload the page.`;
    case 1001:
      return "The workspace is stopping.";
    case 4001:
      return "Access to this workspace has changed.";
    case 4002:
      return tooManyPages;
    default:
      return "The connection to the workspace was lost.";
  }
}
