import { Value, type FileEntry } from "@/connection";
import { messageOf } from "@/api/request";
import { TerminalClient } from "@/terminals/client";
import { fileBytes } from "../files/download";
import { join, parentOf } from "../files/tree";
import type { WorkspaceSession } from "../session";
import { commandOf, type Change, type Surroundings } from "./actions";
import {
  dependenciesOf,
  registryOf,
  same,
  withoutProjectRequirement,
  withoutRequirement,
  withProjectRequirement,
  withRequirement,
  type Named,
  type Registry,
} from "./manifests";

export type Dependency = Named & { installed: string | null };

export type Manifest = Surroundings & {
  registry: Registry;
  dependencies: readonly Dependency[];
  /** Why it cannot be read, in words. */
  fault: string | null;
};

/** Folders that are looked into for manifests besides the root. */
const maxFolders = 24;
/** The terminal in which packages are changed; one command after the other. */
const terminalName = "packages";

/** How long the terminal prints nothing before what is installed is looked at. Milliseconds. */
const quietAfter = 700;

/** The packages that the workspace's manifests name. */
export class Packages {
  /** Null until it was looked for the first time. */
  readonly manifests = new Value<readonly Manifest[] | null>(null);
  /** The newest versions by `registry/name`. */
  readonly latest = new Value<ReadonlyMap<string, string>>(new Map());
  readonly fault = new Value<string | null>(null);
  private readonly session: WorkspaceSession;
  private reading: Promise<void> | null = null;
  private again = false;
  private follower: TerminalClient | null = null;
  private quiet: ReturnType<typeof setTimeout> | null = null;

  constructor(session: WorkspaceSession) {
    this.session = session;
  }

  /** Looks at the manifests now and after each change, until the function that it gives is called. */
  follow(): () => void {
    const { connection } = this.session;
    const ends = [
      connection.on("files.changed", () => this.refresh()),
      // A manifest that is written anew changes no listing.
      connection.on("journal", ({ journal }) => journal.state === "safe" && this.refreshSoon()),
      connection.on("hello", () => this.refresh()),
    ];
    this.refresh();
    return () => {
      ends.forEach((end) => end());
      this.follower?.close();
      this.follower = null;
      if (this.quiet !== null) clearTimeout(this.quiet);
      this.quiet = null;
    };
  }

  /** Looks at the manifests again; once more when something changed while it looked. */
  refresh(): void {
    if (this.reading) {
      this.again = true;
      return;
    }
    this.again = false;
    this.reading = this.read()
      .then(
        () => this.fault.set(null),
        (error: unknown) => this.fault.set(messageOf(error)),
      )
      .finally(() => {
        this.reading = null;
        if (this.again) this.refresh();
      });
  }

  /** Asks the registries for newer versions. */
  async check(): Promise<void> {
    const all = this.manifests.get() ?? [];
    const found = new Map(this.latest.get());
    for (const registry of new Set(all.map((one) => one.registry))) {
      const names = all
        .filter((one) => one.registry === registry)
        .flatMap((one) => one.dependencies.filter(({ group }) => group !== "indirect").map(({ name }) => name));
      if (names.length === 0) continue;
      const asked = [...new Set(names)].slice(0, 300);
      const { versions, message } = await this.session.connection.request("packages.latest", {
        registry,
        names: asked,
      });
      for (const [name, version] of Object.entries(versions)) found.set(`${registry}/${name}`, version);
      if (message) throw new Error(message);
    }
    this.latest.set(found);
  }

  /** Does it in a terminal, which is shown. */
  async change(manifest: Manifest, change: Change): Promise<void> {
    const command = commandOf(manifest.registry, manifest, change);
    if (manifest.registry === "pypi") await this.rewrite(manifest.manifest, change);
    await this.type(command);
  }

  /** pip leaves the list of what is wanted to whoever writes it. */
  private async rewrite(path: string, { what, name, version }: Change): Promise<void> {
    const before = (await this.text(path)) ?? "";
    const wanted = what === "update" ? (this.latest.get().get(`pypi/${name}`) ?? version) : version;
    const project = path.endsWith(".toml");
    const after =
      what === "remove"
        ? (project ? withoutProjectRequirement : withoutRequirement)(before, name)
        : (project ? withProjectRequirement : withRequirement)(before, name, wanted);
    const { origin, ticket } = await this.session.ticket();
    const response = await fetch(`${origin}/.dropit/files/${path.split("/").map(encodeURIComponent).join("/")}`, {
      method: "PUT",
      headers: { Authorization: `Bearer ${ticket}` },
      body: after,
    });
    if (!response.ok) throw new Error(`${path} could not be written: the workspace answered ${response.status}.`);
  }

  private async type(command: string): Promise<void> {
    const { connection, shells, documents } = this.session;
    const there = connection.hello.get()?.terminals.find(({ name, running }) => running && name === terminalName);
    const id =
      there?.id ??
      (await connection.request("terminal.create", { name: terminalName, columns: 80, rows: 24 })).terminal;
    shells.active.set(id);
    this.follower?.close();
    await new Promise<void>((resolve, reject) => {
      const write = (_: unknown, done?: () => void) => {
        done?.();
        this.refreshSoon();
      };
      // It has no screen of its own: the size stays that of the one that shows the terminal.
      const { columns: cols, rows } = shells.handle(id)?.size() ?? { columns: 80, rows: 24 };
      const screen = { cols, rows, write, reset: () => undefined, resize: () => undefined };
      const client = new TerminalClient(connection, id, screen, () => documents.pushAll());
      this.follower = client;
      client.start();
      const look = () => {
        const state = client.state.get();
        if (state.kind === "attaching") return;
        unsubscribe();
        if (state.kind === "attached") {
          client.follow();
          client.input(`${command}\r`);
          resolve();
        } else reject(new Error("The terminal could not be opened. Try again."));
      };
      const unsubscribe = client.state.subscribe(look);
      look();
    });
  }

  /** What was installed lies in folders that are not watched: when the terminal is quiet again it is looked at, as after a burst of edits. */
  private refreshSoon(): void {
    if (this.quiet !== null) clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      this.quiet = null;
      this.refresh();
    }, quietAfter);
  }

  private async read(): Promise<void> {
    const { connection } = this.session;
    const list = async (path: string) => (await connection.request("files.list", { path })).entries;
    const root = await list("");
    const folders = root.filter(({ kind, ignored, name }) => kind === "folder" && !ignored && !name.startsWith("."));
    const found = manifestsIn("", root);
    for (const { name } of folders.slice(0, maxFolders)) found.push(...manifestsIn(name, await list(name)));
    const manifests: Manifest[] = [];
    for (const one of found) manifests.push(await this.readOne(one));
    this.manifests.set(manifests);
  }

  private async readOne(found: Surroundings & { registry: Registry }): Promise<Manifest> {
    try {
      const named = dependenciesOf(found.manifest, (await this.text(found.manifest)) ?? "");
      const installed = await this.installed(found);
      const dependencies = named.map((one) => ({ ...one, installed: installed(one) }));
      return { ...found, dependencies, fault: null };
    } catch (error) {
      return { ...found, dependencies: [], fault: messageOf(error) };
    }
  }

  /** What tells the version that is there, by what the tools leave beside the manifest. */
  private async installed({ registry, manifest }: Surroundings & { registry: Registry }) {
    const folder = parentOf(manifest);
    const json = async (path: string) => {
      const text = await this.text(join(folder, path));
      return text === null ? null : (JSON.parse(text) as Record<string, unknown>);
    };
    switch (registry) {
      case "npm": {
        const lock = await json("node_modules/.package-lock.json").catch(() => null);
        const packages = (lock?.packages ?? {}) as Record<string, { version?: string } | undefined>;
        return ({ name }: Named) => packages[`node_modules/${name}`]?.version ?? null;
      }
      case "nuget": {
        const assets = await json("obj/project.assets.json").catch(() => null);
        const all = Object.keys(assets?.libraries ?? {}).map((one) => one.split("/"));
        return ({ name }: Named) => all.find(([one]) => one?.toLowerCase() === name.toLowerCase())?.[1] ?? null;
      }
      case "go": {
        const sums = (await this.text(join(folder, "go.sum"))) ?? "";
        return ({ name, wanted }: Named) => (sums.includes(`${name} ${wanted} h1:`) ? wanted : null);
      }
      case "pypi": {
        const names = await this.sitePackages(folder);
        return ({ name }: Named) => names.find(([one]) => same(one, name))?.[1] ?? null;
      }
    }
  }

  private async sitePackages(folder: string): Promise<string[][]> {
    const list = (path: string): Promise<FileEntry[]> =>
      this.session.connection.request("files.list", { path }).then(
        ({ entries }) => entries,
        () => [],
      );
    const lib = join(folder, ".venv/lib");
    const python = (await list(lib)).find(({ name }) => name.startsWith("python"));
    if (!python) return [];
    return (await list(`${lib}/${python.name}/site-packages`))
      .map(({ name }) => /^(.+?)-([^-]+)\.dist-info$/.exec(name)?.slice(1))
      .filter((one) => one !== undefined);
  }

  private async text(path: string): Promise<string | null> {
    try {
      return await (await fileBytes(() => this.session.ticket(), path)).text();
    } catch {
      return null; // It is not there, or not now: the next change is looked at again.
    }
  }
}

function manifestsIn(folder: string, entries: readonly FileEntry[]): (Surroundings & { registry: Registry })[] {
  const has = (name: string) => entries.some((one) => one.name === name);
  const manager = has("pnpm-lock.yaml") ? "pnpm" : has("yarn.lock") ? "yarn" : "npm";
  return entries.flatMap(({ name, kind }) => {
    const registry = kind === "file" ? registryOf(name) : null;
    return registry === null ? [] : [{ manifest: join(folder, name), registry, manager }];
  });
}
