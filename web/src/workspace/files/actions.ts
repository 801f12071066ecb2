import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { RequestError, Value } from "@/connection";
import type { OpenFiles } from "../tabs/openFiles";
import type { Files } from "./files";
import { freeName, roots } from "./selection";
import { join, nameOf, parentOf } from "./tree";

/** What was cut or copied in the tree. */
export type Clipboard = { paths: readonly string[]; cut: boolean };

type Step = { what: string; undo: () => Promise<void> };

/** How many steps can be taken back; the trash of the workspace keeps about as many. */
const maxSteps = 50;

/** What is done to files by hand in the tree, each of which can be taken back. */
export class FileActions {
  readonly clipboard = new Value<Clipboard | null>(null);
  private readonly files: Files;
  private readonly tabs: OpenFiles;
  private steps: Step[] = [];

  constructor(files: Files, tabs: OpenFiles) {
    this.files = files;
    this.tabs = tabs;
  }

  cut(paths: Iterable<string>): void {
    this.clipboard.set({ paths: roots(paths), cut: true });
  }

  copy(paths: Iterable<string>): void {
    this.clipboard.set({ paths: roots(paths), cut: false });
  }

  /** Puts what was cut or copied into a folder; gives the new paths. */
  async paste(folder: string): Promise<string[]> {
    const held = this.clipboard.get();
    if (!held) return [];
    if (held.cut) this.clipboard.set(null);
    return held.cut ? this.move(held.paths, folder) : this.copyInto(held.paths, folder);
  }

  async rename(from: string, to: string): Promise<void> {
    if (from === to) return;
    await this.moveOne(from, to);
    this.did(`Renamed to ${nameOf(to)}`, [{ from, to }]);
  }

  /** Moves into a folder; gives the new paths. */
  async move(paths: Iterable<string>, folder: string): Promise<string[]> {
    const moved: Moved[] = [];
    const fault = await each(roots(paths), async (from) => {
      const to = join(folder, nameOf(from));
      if (to === from) return;
      await this.moveOne(from, to);
      moved.push({ from, to });
    });
    if (moved.length > 0) {
      this.did(`Moved ${counted(moved.map(({ to }) => to))} to ${folder === "" ? "the root" : nameOf(folder)}`, moved);
    }
    if (fault) throw fault;
    return moved.map(({ to }) => to);
  }

  /** Copies into a folder, under other names where theirs are taken; gives the new paths. */
  async copyInto(paths: Iterable<string>, folder: string): Promise<string[]> {
    const taken = await this.files.names(folder);
    const made: string[] = [];
    const fault = await each(roots(paths), async (from) => {
      const name = freeName(taken, nameOf(from));
      const to = join(folder, name);
      await this.files.copy(from, to);
      taken.add(name);
      made.push(to);
    });
    if (made.length > 0) {
      this.remember({
        what: `the copy of ${counted(made)}`,
        undo: async () => {
          for (const path of made) await this.files.remove(path);
        },
      });
    }
    if (fault) throw fault;
    return made;
  }

  /** Copies beside the originals; gives the new paths. */
  async duplicate(paths: Iterable<string>): Promise<string[]> {
    const made: string[] = [];
    for (const path of roots(paths)) made.push(...(await this.copyInto([path], parentOf(path))));
    return made;
  }

  /**
   * Moves to the trash. Gives those that are larger than the trash: they are still there, and only go for good with
   * {@link removeForever}.
   */
  async remove(paths: Iterable<string>): Promise<string[]> {
    const trashed: { path: string; trash: string }[] = [];
    const tooLarge: string[] = [];
    const fault = await each(roots(paths), async (path) => {
      try {
        const trash = await this.files.remove(path);
        if (trash !== null) trashed.push({ path, trash });
      } catch (error) {
        if (!(error instanceof RequestError && error.code === "too_large")) throw error;
        tooLarge.push(path);
      }
    });
    if (trashed.length > 0) {
      const step: Step = {
        what: `the deletion of ${counted(trashed.map(({ path }) => path))}`,
        undo: () =>
          all(trashed, async ({ trash }) => {
            const path = await this.files.restore(trash);
            for (const open of this.tabs.tabs.get().paths) {
              if (open === path || open.startsWith(`${path}/`)) this.tabs.reopen(open);
            }
          }),
      };
      this.remember(step);
      this.offer(`Deleted ${counted(trashed.map(({ path }) => path))}`, step);
    }
    if (fault) throw fault;
    return tooLarge;
  }

  async removeForever(paths: Iterable<string>): Promise<void> {
    await all([...paths], async (path) => {
      await this.files.remove(path, true);
    });
  }

  /** Takes the last step back. */
  async undo(): Promise<void> {
    const step = this.steps.at(-1);
    if (!step) {
      toast.info("There is nothing to undo in the files.");
      return;
    }
    await this.takeBack(step);
  }

  private async moveOne(from: string, to: string): Promise<void> {
    await this.files.move(from, to);
    this.tabs.moved(from, to);
  }

  private did(what: string, moved: readonly Moved[]): void {
    const step: Step = {
      what: `“${what}”`,
      undo: () => all([...moved].reverse(), ({ from, to }) => this.moveOne(to, from)),
    };
    this.remember(step);
    this.offer(what, step);
  }

  private remember(step: Step): void {
    this.steps = [...this.steps, step].slice(-maxSteps);
  }

  private offer(what: string, step: Step): void {
    toast(what, {
      action: {
        label: "Undo",
        onClick: () => {
          this.takeBack(step).catch((error: unknown) => toast.error(messageOf(error)));
        },
      },
    });
  }

  private async takeBack(step: Step): Promise<void> {
    if (!this.steps.includes(step)) return;
    this.steps = this.steps.filter((one) => one !== step);
    await step.undo();
    toast.success(`Took back ${step.what}`);
  }
}

type Moved = { from: string; to: string };

/** Does it to each, also when some fail; gives the first fault with how many there were. */
async function each<T>(all: readonly T[], one: (item: T) => Promise<void>): Promise<Error | null> {
  const faults: string[] = [];
  for (const item of all) {
    try {
      await one(item);
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  const [first] = faults;
  return first === undefined
    ? null
    : new Error(faults.length === 1 ? first : `${first} (and ${faults.length - 1} more)`);
}

async function all<T>(items: readonly T[], one: (item: T) => Promise<void>): Promise<void> {
  const fault = await each(items, one);
  if (fault) throw fault;
}

/** "a.ts", or "3 files". */
export function counted(paths: readonly string[]): string {
  return paths.length === 1 ? nameOf(paths[0] ?? "") : `${paths.length} files`;
}
