import { toast } from "sonner";
import { Value, type Connection, type Hello, type Terminal } from "@/connection";
import type { TerminalHandle } from "@/terminals";
import { alone, beside, groupOf, maxBeside, settled, type Groups } from "./groups";
import { lossWords } from "./restarts";

/** The terminals of one workspace as the panel shows them: which one, which beside which; and making them. */
export class Shells {
  /** The id of the terminal that is shown; null: the first there is. */
  readonly active = new Value<string | null>(null);
  /** Which stand side by side; comes back after a reload. */
  readonly groups: Value<Groups>;
  /** Terminals whose bell rang while they were not looked at. */
  readonly rung = new Value<ReadonlySet<string>>(new Set());
  /** What can be done to the terminals that are shown. */
  private readonly handles = new Map<string, TerminalHandle>();
  private waiting: { id: string; does: (handle: TerminalHandle) => void } | null = null;
  private readonly connection: Connection;
  private readonly keep: (groups: Groups) => void;
  private readonly ends: (() => void)[] = [];
  private creating: Promise<string> | null = null;
  private before: Hello | null = null;

  /** @param groups as they were left; `keep` is told of others. */
  constructor(connection: Connection, groups: Groups, keep: (groups: Groups) => void) {
    this.connection = connection;
    this.keep = keep;
    this.groups = new Value(groups);
    this.ends.push(
      connection.hello.subscribe(() => this.settle()),
      connection.on("bell", ({ terminal }) => this.ring(terminal)),
      this.active.subscribe(() => this.quiet()),
    );
    const back = () => {
      if (!document.hidden) this.quiet();
    };
    document.addEventListener("visibilitychange", back);
    this.ends.push(() => document.removeEventListener("visibilitychange", back));
  }

  close(): void {
    this.ends.forEach((end) => end());
  }

  /** Makes a shell, shows it and gives it the keyboard. Its size is set when it is drawn. */
  async create(): Promise<string> {
    const terminal = await this.make();
    this.withHandle(terminal, (handle) => handle.focus());
    return terminal;
  }

  private make(): Promise<string> {
    this.creating ??= this.connection
      .request("terminal.create", { columns: 80, rows: 24 })
      .then(({ terminal }) => {
        this.active.set(terminal);
        return terminal;
      })
      .finally(() => {
        this.creating = null;
      });
    return this.creating;
  }

  /** Makes a shell unless one is being made, and leaves the keyboard where it is; a fault is told by whoever asks for one by hand. */
  createFirst(): void {
    this.make().catch(() => undefined);
  }

  /** Makes a shell to the right of the one that is shown. */
  async split(): Promise<void> {
    const from = this.shown;
    if (from === null) {
      await this.create();
      return;
    }
    if (groupOf(this.groups.get(), from.id).length >= maxBeside) {
      throw new Error(`${maxBeside} terminals stand side by side already. Close one, or open a new one.`);
    }
    const fresh = await this.create();
    this.set(beside(this.groups.get(), from.id, fresh));
  }

  /** Gives a terminal the panel's whole width again. */
  unsplit(id: string): void {
    this.set(alone(this.groups.get(), id));
  }

  /** Shows the terminal beside the shown one, or that of the next group. */
  step(by: 1 | -1): void {
    const ids = this.groups.get().flat();
    const at = ids.indexOf(this.active.get() ?? ids[0] ?? "");
    const next = ids[(at + by + ids.length) % ids.length];
    if (next === undefined) return;
    this.active.set(next);
    this.withHandle(next, (handle) => handle.focus());
  }

  /** Gives the keyboard to the terminal that is shown. */
  enter(): void {
    if (this.shown !== null) this.withHandle(this.shown.id, (handle) => handle.focus());
  }

  /** A terminal is drawn now, or, with null, no more. */
  drawn(id: string, handle: TerminalHandle | null): void {
    if (handle === null) return void this.handles.delete(id);
    this.handles.set(id, handle);
    if (this.waiting?.id !== id) return;
    this.waiting.does(handle);
    this.waiting = null;
  }

  /** Does something with a terminal now, or when it is drawn; what waited before is given up. */
  withHandle(id: string, does: (handle: TerminalHandle) => void): void {
    const handle = this.handles.get(id);
    this.waiting = handle ? null : { id, does };
    if (handle) does(handle);
  }

  end(id: string): Promise<unknown> {
    return this.connection.request("terminal.close", { terminal: id });
  }

  rename(id: string, name: string): Promise<unknown> {
    return this.connection.request("terminal.rename", { terminal: id, name });
  }

  /** The handle of a drawn terminal; without an id of the one that is shown. */
  handle(id = this.shown?.id): TerminalHandle | undefined {
    return id === undefined ? undefined : this.handles.get(id);
  }

  /** The terminal that is shown, drawn or not; null when there is none. */
  get shown(): Terminal | null {
    return shownTerminal(this.connection.hello.get()?.terminals ?? [], this.active.get());
  }

  /** Takes over how another device left them. */
  adopt(groups: Groups): void {
    this.groups.set(groups);
    this.settle();
  }

  private ring(id: string): void {
    if (!document.hidden && this.handles.has(id)) return;
    this.rung.set(new Set([...this.rung.get(), id]));
  }

  private quiet(): void {
    const seen = groupOf(this.groups.get(), this.active.get());
    if (seen.some((id) => this.rung.get().has(id))) {
      this.rung.set(new Set([...this.rung.get()].filter((id) => !seen.includes(id))));
    }
  }

  private settle(): void {
    const hello = this.connection.hello.get();
    if (hello === null) return;
    const loss = lossWords(this.before, hello);
    this.before = hello;
    if (loss !== null) toast.warning(loss, { id: "terminals-ended", duration: Infinity });
    const ids = hello.terminals.map(({ id }) => id);
    const next = settled(this.groups.get(), ids);
    // Not kept: what comes and goes by itself must not count as newer than what another device left.
    if (JSON.stringify(next) !== JSON.stringify(this.groups.get())) this.groups.set(next);
  }

  private set(groups: Groups): void {
    this.groups.set(groups);
    this.keep(groups);
  }
}

/** The terminal to show: the chosen one, or the first shell when that is gone. */
export function shownTerminal(all: Terminal[], active: string | null): Terminal | null {
  return all.find(({ id }) => id === active) ?? all.find(({ kind }) => kind === "shell") ?? all[0] ?? null;
}

/** "exited with 1", "ended by signal 9"; empty while it runs. */
export function exitWords({ running, code, signal }: Pick<Terminal, "running" | "code" | "signal">): string {
  if (running) return "";
  if (signal) return `ended by signal ${signal}`;
  return `exited with ${code ?? 0}`;
}
