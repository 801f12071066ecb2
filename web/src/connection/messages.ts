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
  /** Settings for everyone in the workspace; unchecked. */
  editor?: unknown;
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

/** `before` has what was there before; restoring that version takes it back. */
export interface RestoredVersion {
  written: number;
  deleted: number;
  before?: string;
  failed: { path: string; message: string }[];
  failedCount: number;
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

/** Nobody uses the workspace: it sleeps in so many seconds, unless someone does. */
export interface SleepSoon {
  seconds: number;
  why: string;
}

/** Packages and build output, which are brought back in the background when the workspace wakes on another disk. */
export interface Cache {
  state: "none" | "restoring" | "restored" | "missing";
  doneBytes?: number;
  totalBytes?: number;
  /** What came back, or why it did not and what follows. */
  message?: string;
}

/** Someone who has the workspace open, in however many windows. */
export interface Person {
  /** The number of the user. */
  id: number;
  name: string;
  role: Role;
  /** What their window shows, of several the one used last. */
  file?: string;
}

/** Who is here, this page's user too, in the order in which they came; `more`: how many are not listed. */
export interface PeopleList {
  here: Person[];
  more: number;
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
  sleep: SleepSoon | null;
  cache: Cache;
  /** The number of this page's user. */
  user: number;
  people: PeopleList;
  /** Version of the environment variables that programs are started with. */
  variables: number;
}

/** A process of the workspace. `cpu`: whole processors in use; `memory`: bytes; `started` with `pid` names it for good. */
export interface MachineProcess {
  pid: number;
  parent: number;
  name: string;
  command: string;
  started: number;
  memory: number;
  cpu?: number;
}

/** What the workspace uses of the machine: whole processors and bytes. */
export interface MachineSample {
  cpu?: number;
  processors: number;
  memory: number;
  memoryLimit: number;
  disk?: number;
  diskFree?: number;
  processes: MachineProcess[];
  /** Pages that are open. */
  pages: number;
  /** Why it does not sleep, beside the open pages. */
  awake: string[];
  /** That nothing keeps this workspace from others, and why; absent where something does. */
  unprotected?: string;
}

/** What a request to a program answered, as the runner saw it; or why none came. */
export interface PreviewCheck {
  /** None when nothing answered. */
  status?: number;
  type?: string;
  /** Of the body's beginning. */
  bytes?: number;
  /** Where it sends the browser on to. */
  location?: string;
  frameOptions?: string;
  policy?: string;
  /** The first 2,000 characters of a text. */
  text?: string;
  /** Addresses with http: that the page names for what it loads; at most 20. */
  insecure?: string[];
  /** Why nothing answered, in words. */
  fault?: string;
}

type Nothing = Record<string, never>;

/** What is looked for, and where; docs/protocol.md, "Search". */
export interface SearchQuery {
  text: string;
  regex?: boolean;
  case?: "smart" | "sensitive" | "insensitive";
  word?: boolean;
  /** Globs. */
  include?: string[];
  exclude?: string[];
  /** Also what the project or git ignores. */
  all?: boolean;
  replacement?: string;
}

/** Line and column from 1; `at`: where the match begins in `text`, which is the line or what of it is near. */
export interface SearchMatch {
  line: number;
  column: number;
  length: number;
  text: string;
  at: number;
  replacement?: string;
}

export interface FileMatches {
  path: string;
  matches: SearchMatch[];
  more: boolean;
}

export interface SearchSummary {
  files: number;
  matches: number;
  searched: number;
  binary: number;
  tooLarge: string[];
  tooLargeCount: number;
  slow: number;
  stopped?: "matches" | "time" | "slow" | "cancelled";
}

/** Which matches of a file: all, or those at these lines and columns. */
export interface ChosenMatches {
  path: string;
  at?: [line: number, column: number][];
}

/** One change of a formatter, in UTF-16 units of the text before. */
export interface FormatEdit {
  from: number;
  to: number;
  insert: string;
}

export interface ReplaceResult {
  files: number;
  matches: number;
  /** Names it for `search.undo`. */
  undo?: number;
  failed: { path: string; message: string }[];
  failedCount: number;
}

/** Each request: what goes with it, and what its answer holds. */
export interface Requests {
  "files.list": { args: { path: string }; result: { entries: FileEntry[]; truncated: boolean } };
  "files.create": { args: { path: string; kind: "file" | "folder"; text?: string }; result: Nothing };
  "files.move": { args: { from: string; to: string }; result: Nothing };
  "files.copy": { args: { from: string; to: string }; result: Nothing };
  "files.delete": { args: { path: string; forever?: boolean }; result: { trash?: string } };
  "files.restore": { args: { trash: string }; result: { path: string } };
  "files.unpack": { args: { path: string; to: string }; result: { files: number } };
  "files.find": { args: { query: string; limit?: number }; result: { paths: string[] } };
  "files.stat": { args: { path: string }; result: FileEntry & { text: boolean } };
  "packages.find": {
    args: { registry: string; query: string };
    result: { packages: { name: string; version: string; description?: string }[]; exact: boolean };
  };
  "packages.latest": {
    args: { registry: string; names: string[] };
    result: { versions: Record<string, string>; message?: string };
  };
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
  /** Which of the names that a terminal printed are files, relative to the workspace; null for those that are not. */
  "terminal.resolve": { args: { terminal: string; paths: string[] }; result: { files: (string | null)[] } };
  "terminal.rename": { args: { terminal: string; name: string }; result: Nothing };
  "terminal.close": { args: { terminal: string }; result: Nothing };
  "run.start": { args: { task: Task }; result: { terminal: string } };
  "run.stop": { args: Nothing; result: Nothing };
  "run.restart": { args: Nothing; result: Nothing };
  "search.start": { args: SearchQuery & { search: number }; result: SearchSummary };
  "search.stop": { args: Nothing; result: Nothing };
  "search.replace": {
    args: SearchQuery & { replacement: string; in?: ChosenMatches[]; except?: ChosenMatches[] };
    result: ReplaceResult;
  };
  "search.undo": { args: { undo: number }; result: ReplaceResult };
  /** `before` names the text that the edits are of, as `textMark` does. */
  "format.run": { args: { path: string }; result: { tool: string; before: string; edits: FormatEdit[] } };
  "machine.look": { args: Nothing; result: MachineSample };
  "machine.end": { args: { pid: number; started: number; force?: boolean }; result: Nothing };
  "preview.check": { args: { port: number; path: string }; result: PreviewCheck };
  /** Someone uses this page. */
  "awake.stay": { args: Nothing; result: Nothing };
  "history.restore": { args: { version: string; paths?: string[] }; result: RestoredVersion };
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
  /** A program rang the bell; at most one a second for each terminal. */
  bell: { terminal: string };
  notice: { notice: Notice };
  stopping: { reason: string };
  /** It goes to sleep now, and is meant to stay down until someone wakes it. */
  asleep: { reason: string };
  sleep: { sleep: SleepSoon | null };
  cache: { cache: Cache };
  people: { people: PeopleList };
  variables: { version: number };
  search: { search: number; files: FileMatches[] };
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
