import { messageOf } from "@/api/request";
import {
  RequestError,
  Value,
  type ChosenMatches,
  type Connection,
  type FileMatches,
  type ReplaceResult,
  type SearchMatch,
  type SearchQuery,
  type SearchSummary,
} from "@/connection";
import { without, withFiles, type Found } from "./found";

/** What stands in the search form. */
export type Form = {
  text: string;
  replacement: string;
  /** Whether the field for the replacement is shown. */
  replacing: boolean;
  regex: boolean;
  word: boolean;
  matchCase: boolean;
  include: string;
  exclude: string;
  all: boolean;
};

export type SearchState = {
  running: boolean;
  summary: SearchSummary | null;
  /** Why there is no answer, in words. */
  fault: string | null;
};

const emptyForm: Form = {
  text: "",
  replacement: "",
  replacing: false,
  regex: false,
  word: false,
  matchCase: false,
  include: "",
  exclude: "",
  all: false,
};

/** A request is at most 64 KiB; what is longer goes in several. */
const maxChosen = 500;

/** The search of one workspace. It outlives its panel, so that what was found is there when it is shown again. */
export class Search {
  readonly form = new Value<Form>(emptyForm);
  readonly state = new Value<SearchState>({ running: false, summary: null, fault: null });
  readonly found = new Value<Found>([]);
  /** The last replacement that can be taken back. */
  readonly lastReplace = new Value<ReplaceResult | null>(null);

  private readonly connection: Connection;
  private readonly pushAll: () => void;
  private readonly end: () => void;
  /** Matches that the user took out: they are not replaced. */
  private dismissed: ChosenMatches[] = [];
  private number = 0;
  private query: SearchQuery | null = null;

  /** @param pushAll sends what was typed and is not on its way. */
  constructor(connection: Connection, pushAll: () => void) {
    this.connection = connection;
    this.pushAll = pushAll;
    this.end = connection.on("search", ({ search, files }) => {
      if (search === this.number) this.found.set(withFiles(this.found.get(), files));
    });
  }

  set(change: Partial<Form>): void {
    this.form.set({ ...this.form.get(), ...change });
  }

  /** Looks anew. What was found before stays until the first answer. */
  async start(): Promise<void> {
    const query = queryOf(this.form.get());
    const number = ++this.number;
    this.dismissed = [];
    this.query = query;
    if (query === null) {
      this.stop();
      this.found.set([]);
      this.state.set({ running: false, summary: null, fault: null });
      return;
    }
    this.pushAll();
    this.found.set([]);
    this.state.set({ running: true, summary: null, fault: null });
    try {
      const summary = await this.connection.request("search.start", { ...query, search: number });
      if (number === this.number) this.state.set({ running: false, summary, fault: null });
    } catch (error) {
      if (number !== this.number) return;
      this.state.set({ running: false, summary: null, fault: messageOf(error) });
    }
  }

  /** Ends a search that runs; what was found stays. */
  stop(): void {
    if (!this.state.get().running) return;
    this.connection.request("search.stop", {}).catch((error: unknown) => {
      // Without a connection there is no search either.
      if (!(error instanceof RequestError)) throw error;
    });
  }

  clear(): void {
    this.set({ text: "" });
    void this.start();
  }

  /** Takes a match, or a file with all of them, out of the results. */
  dismiss(path: string, match?: SearchMatch): void {
    this.dismissed.push(match ? { path, at: [[match.line, match.column]] } : { path });
    this.found.set(without(this.found.get(), path, match));
  }

  /** Replaces one match, those of a file, or all. */
  async replace(path?: string, match?: SearchMatch): Promise<ReplaceResult> {
    if (this.query === null) throw new Error("Nothing was searched.");
    const { replacement } = this.form.get();
    this.pushAll();
    const query = { ...this.query, replacement };
    const except = mergedByPath(this.dismissed).slice(0, maxChosen);
    const chosen = path === undefined ? {} : { in: [match ? placeOf(path, match) : { path }] };
    const result = await this.connection.request("search.replace", { ...query, ...chosen, except });
    this.lastReplace.set(result);
    if (match && path !== undefined) this.found.set(without(this.found.get(), path, match));
    else if (path !== undefined) this.found.set(without(this.found.get(), path));
    else this.found.set([]);
    return result;
  }

  /** Takes the last replacement back. */
  async undo(): Promise<ReplaceResult> {
    const undo = this.lastReplace.get()?.undo;
    if (undo === undefined) throw new Error("There is no replacement to take back.");
    this.lastReplace.set(null);
    const result = await this.connection.request("search.undo", { undo });
    void this.start();
    return result;
  }

  close(): void {
    this.end();
  }
}

function placeOf(path: string, { line, column }: SearchMatch): ChosenMatches {
  return { path, at: [[line, column]] };
}

/** One entry a file: a request names each once. */
function mergedByPath(chosen: readonly ChosenMatches[]): ChosenMatches[] {
  const merged = new Map<string, ChosenMatches>();
  for (const { path, at } of chosen) {
    const before = merged.get(path);
    if (at === undefined) merged.set(path, { path });
    else if (before === undefined) merged.set(path, { path, at: [...at] });
    else before.at?.push(...at);
  }
  return [...merged.values()];
}

/** What to ask for; null when there is nothing to look for. */
export function queryOf(form: Form): SearchQuery | null {
  if (form.text === "") return null;
  const include = globsOf(form.include);
  const exclude = globsOf(form.exclude);
  return {
    text: form.text,
    case: form.matchCase ? "sensitive" : "smart",
    ...(form.regex && { regex: true }),
    ...(form.word && { word: true }),
    ...(form.all && { all: true }),
    ...(include.length > 0 && { include }),
    ...(exclude.length > 0 && { exclude }),
    ...(form.replacing && { replacement: form.replacement }),
  };
}

/** Globs with commas between; those within braces belong to the glob. */
export function globsOf(text: string): string[] {
  return text
    .split(/,(?![^{]*\})/)
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

export type { FileMatches };
