/** The JSON of docs/protocol.md: requests with their results, events, and the shapes that they share. */

export type Role = "owner" | "editor" | "viewer";

export interface FileEntry {
  name: string;
  kind: "file" | "folder" | "link" | "other";
  /** Bytes. */
  size: number;
  /** When it was last written; Unix milliseconds. */
  modified: number;
  /** Where a link points. */
  target?: string;
  /** Whether it is rebuildable by the project's rules, and therefore not kept. */
  ignored: boolean;
}

export interface Project {
  name?: string;
  install?: string;
  run?: string;
  test?: string;
  port?: number;
  main?: string;
  manifests?: string[];
  ignore?: string[];
  tools?: string[];
  /** Why dropit.json cannot be read, in words. */
  error?: string;
}

export interface Terminal {
  id: string;
  name: string;
  kind: "shell" | "run";
  running: boolean;
  code?: number;
  signal?: number;
}

export type Task = "run" | "install" | "test";

export interface Run {
  state: "idle" | "installing" | "running" | "exited" | "missing";
  task?: Task;
  terminal?: string;
  command?: string;
  code?: number;
  message?: string;
}

export interface Port {
  port: number;
  process: string;
  pid: number;
  reachable: boolean;
  address: string;
}

export interface Journal {
  state: "safe" | "pending" | "stalled";
  pending: number;
  message?: string;
}

export interface Notice {
  id: string;
  level: "info" | "warning" | "error";
  message: string;
}

/** What the runner says first on every socket; the connection keeps it current from the events after it. */
export interface Hello {
  protocol: number;
  workspace: string;
  role: Role;
  epoch: number;
  project: Project;
  terminals: Terminal[];
  ports: Port[];
  run: Run;
  journal: Journal;
  notices: Notice[];
}

type Nothing = Record<string, never>;

/** Each request: what goes with it, and what its answer holds. */
export interface Requests {
  "files.list": { args: { path: string }; result: { entries: FileEntry[]; truncated: boolean } };
  "files.create": { args: { path: string; kind: "file" | "folder" }; result: Nothing };
  "files.move": { args: { from: string; to: string }; result: Nothing };
  "files.copy": { args: { from: string; to: string }; result: Nothing };
  "files.delete": { args: { path: string }; result: Nothing };
  "files.find": { args: { query: string; limit?: number }; result: { paths: string[] } };
  "files.stat": { args: { path: string }; result: FileEntry & { text: boolean } };
  "document.open": {
    args: { channel: number; path: string; client: string; incarnation?: string; version?: number };
    result: { incarnation: string; bom: boolean; eol: "lf" | "crlf"; readOnly: boolean };
  };
  "channel.close": { args: { channel: number }; result: Nothing };
  "terminal.create": { args: { name?: string; columns: number; rows: number }; result: { terminal: string } };
  "terminal.attach": {
    args: { channel: number; terminal: string; columns: number; rows: number };
    result: Nothing;
  };
  "terminal.rename": { args: { terminal: string; name: string }; result: Nothing };
  "terminal.close": { args: { terminal: string }; result: Nothing };
  "run.start": { args: { task: Task }; result: { terminal: string } };
  "run.stop": { args: Nothing; result: Nothing };
  "run.restart": { args: Nothing; result: Nothing };
  "journal.flush": { args: Nothing; result: { sequence: number } };
}

export type Operation = keyof Requests;

/** Each event with what it brings. */
export interface Events {
  hello: Hello;
  project: { project: Project };
  /** Folders whose listing changed; `["*"]`: any may have. */
  "files.changed": { folders: string[] };
  terminals: { terminals: Terminal[] };
  run: { run: Run };
  ports: { ports: Port[] };
  journal: { journal: Journal };
  notice: { notice: Notice };
  stopping: { reason: string };
}

/** What the runner answers, and what the page itself says when no answer can come. */
export type ErrorCode =
  | "bad_request"
  | "not_found"
  | "exists"
  | "not_a_file"
  | "not_a_folder"
  | "outside"
  | "too_large"
  | "binary"
  | "special"
  | "denied"
  | "full"
  | "limit"
  | "missing_tool"
  | "busy"
  | "failed"
  /** The page: no connection came up in time, so nothing was sent. */
  | "offline"
  /** The page: the connection was lost before the answer, so it may have been done or not. */
  | "lost"
  /** The page: this connection was closed by its owner. */
  | "closed";

/** A request that failed. `message` is a sentence for the user. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
