import type { Connection, ErrorCode, Store } from "@/connection";
import { Value } from "@/connection";

export type DocumentState =
  | { kind: "loading" }
  | {
      kind: "ready";
      /** Changes that the runner has not taken yet. */
      unsent: number;
      /** All of it is in the file on disk. */
      saved: boolean;
      /** All of it is in the journal: it survives the loss of any one process or machine. */
      safe: boolean;
      readOnly: boolean;
    }
  | { kind: "gone"; reason: "deleted" | "moved" | "unreadable"; to?: string; message: string }
  | { kind: "refused"; code: ErrorCode; message: string };

/** One open document. `close` gives it back; the last one to give it back ends it, once its changes are kept. */
export interface DocumentHandle {
  readonly path: string;
  readonly state: Store<DocumentState>;
  close(): void;
}

/** The open documents of one workspace. */
export class Documents {
  /** Paths with changes that are not in the file on disk yet, sorted. */
  readonly dirty: Store<readonly string[]> = new Value<readonly string[]>([]);

  constructor(connection: Connection) {
    void connection;
  }

  open(path: string): DocumentHandle {
    return { path, state: new Value<DocumentState>({ kind: "loading" }), close: () => undefined };
  }

  /** Sends at once every change that is not on its way yet. */
  pushAll(): void {
    void this.dirty;
  }

  close(): void {
    void this.dirty;
  }
}
