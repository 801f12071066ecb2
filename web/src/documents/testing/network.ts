import type { Socket } from "@/connection/connection";
import type { Authority, RunnerEnd } from "./authority";

interface Line {
  page: Socket;
  runner: RunnerEnd;
  toPage: Uint8Array[];
  toRunner: Uint8Array[];
}

/** Picks a number from 0 below `count`. */
export type Choose = (count: number) => number;

/** Sockets in memory: each way keeps its order, and the test says when a frame arrives or a socket breaks. */
export class Network {
  private readonly authority: Authority;
  private readonly lines = new Set<Line>();
  /** No socket opens while it is. */
  down = false;

  constructor(authority: Authority) {
    this.authority = authority;
  }

  readonly connect = (): Socket => {
    const toPage: Uint8Array[] = [];
    const toRunner: Uint8Array[] = [];
    const page: Socket = {
      binaryType: "arraybuffer",
      onmessage: null,
      onclose: null,
      send: (frame) => toRunner.push((frame as Uint8Array).slice()),
      close: () => this.remove(line),
    };
    const line: Line = { page, runner: { send: (frame) => toPage.push(frame.slice()) }, toPage, toRunner };
    this.lines.add(line);
    if (this.down) queueMicrotask(() => this.cut(line));
    else this.authority.connected(line.runner);
    return page;
  };

  /** Lets one frame arrive, of those that there is a choice between; false when none is under way. */
  step(choose: Choose): boolean {
    const ready: (() => void)[] = [];
    for (const { page, runner, toPage, toRunner } of this.lines) {
      const [down] = toPage;
      const [up] = toRunner;
      if (down !== undefined) {
        ready.push(() => {
          toPage.shift();
          page.onmessage?.call(page as WebSocket, { data: down.buffer } as MessageEvent);
        });
      }
      if (up !== undefined) {
        ready.push(() => {
          toRunner.shift();
          this.authority.receive(runner, up);
        });
      }
    }
    ready[choose(ready.length)]?.();
    return ready.length > 0;
  }

  /** Breaks a socket: what is under way, either way, is lost. */
  cutOne(choose: Choose): void {
    const line = [...this.lines][choose(this.lines.size)];
    if (line !== undefined) this.cut(line);
  }

  cutAll(): void {
    for (const line of [...this.lines]) this.cut(line);
  }

  private cut(line: Line): void {
    this.remove(line);
    line.page.onclose?.call(line.page as WebSocket, { code: 1006, reason: "" } as CloseEvent);
  }

  private remove(line: Line): void {
    this.lines.delete(line);
    this.authority.disconnected(line.runner);
  }
}
