import { Value, type Connection, type Terminal } from "@/connection";

/** Which terminal is shown, and making the first one. */
export class Shells {
  /** The id of the terminal that is shown; null: the first there is. */
  readonly active = new Value<string | null>(null);
  private readonly connection: Connection;
  private creating: Promise<string> | null = null;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Makes a shell and shows it. Its size is set when it is drawn. */
  create(): Promise<string> {
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

  /** Makes a shell unless one is being made; a fault is told by whoever asks for one by hand. */
  createFirst(): void {
    this.create().catch(() => undefined);
  }

  close(id: string): Promise<unknown> {
    return this.connection.request("terminal.close", { terminal: id });
  }

  rename(id: string, name: string): Promise<unknown> {
    return this.connection.request("terminal.rename", { terminal: id, name });
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
