import { toast } from "sonner";
import { Value, type Connection, type Person } from "@/connection";
import type { OpenFiles } from "../tabs/openFiles";
import { othersHere } from "./people";

/** Shows what someone else looks at, until one does something in the text oneself. The editor scrolls along; this opens the files. */
export class Following {
  readonly person = new Value<Person | null>(null);
  private readonly connection: Connection;
  private readonly tabs: OpenFiles;
  /** The file that was opened for it. */
  private file: string | null = null;
  private ends: (() => void)[] = [];

  constructor(connection: Connection, tabs: OpenFiles) {
    this.connection = connection;
    this.tabs = tabs;
  }

  start(id: number): void {
    this.stop();
    const person = this.find(id);
    if (person === undefined) return;
    this.person.set(person);
    this.ends = [
      this.connection.hello.subscribe(() => this.goAlong(id)),
      this.tabs.tabs.subscribe(() => {
        if (this.file !== null && this.tabs.tabs.get().active !== this.file) this.stop();
      }),
      stopAtSigns(() => this.stop()),
    ];
    this.goAlong(id);
  }

  stop(): void {
    for (const end of this.ends) end();
    this.ends = [];
    this.file = null;
    this.person.set(null);
  }

  private goAlong(id: number): void {
    const person = this.find(id);
    if (person === undefined) {
      toast.info(`${this.person.get()?.name ?? "Whom you followed"} has left.`);
      this.stop();
      return;
    }
    this.person.set(person);
    const { file } = person;
    if (file === undefined || file === this.file) return;
    this.file = file;
    if (this.tabs.tabs.get().active !== file) this.tabs.open(file, { preview: true });
  }

  private find(id: number): Person | undefined {
    return othersHere(this.connection.hello.get()).find((person) => person.id === id);
  }
}

const modifiers: ReadonlySet<string> = new Set(["Shift", "Control", "Alt", "Meta"]);

/** Calls `stop` at Escape, and at what someone does in the editor. */
function stopAtSigns(stop: () => void): () => void {
  const inEditor = ({ target }: Event) => target instanceof Element && target.closest(".cm-editor") !== null;
  const press = (event: KeyboardEvent) => {
    if (event.key === "Escape" || (inEditor(event) && !modifiers.has(event.key))) stop();
  };
  const touch = (event: Event) => {
    if (inEditor(event)) stop();
  };
  const touches = ["wheel", "pointerdown", "touchmove"] as const;
  window.addEventListener("keydown", press, { capture: true });
  for (const kind of touches) window.addEventListener(kind, touch, { capture: true, passive: true });
  return () => {
    window.removeEventListener("keydown", press, { capture: true });
    for (const kind of touches) window.removeEventListener(kind, touch, { capture: true });
  };
}
