import type { Registry } from "./manifests";

/** What is done to one package. */
export type Change = { what: "add" | "update" | "remove"; name: string; version: string | null; dev: boolean };

/** What stands beside a manifest and decides how its packages are changed. */
export type Surroundings = { manifest: string; manager: "npm" | "pnpm" | "yarn" };

/** A package's or module's name: it goes into a command line, so nothing else passes. */
const safeName = /^(@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9][A-Za-z0-9._~/-]{0,200}$/;
const safeVersion = /^[A-Za-z0-9][A-Za-z0-9.+_-]{0,80}$/;

/** Why a name cannot be added; null when it can. */
export function nameFault(name: string): string | null {
  return safeName.test(name) ? null : "A package's name has letters, digits, “-”, “_”, “.”, “/” and “@” only.";
}

/** The command that a person would type for a change, from the workspace's root. */
export function commandOf(registry: Registry, { manifest, manager }: Surroundings, change: Change): string {
  const { name, version } = change;
  if (!safeName.test(name) || (version !== null && !safeVersion.test(version))) throw new Error(nameFault(name) ?? "");
  const slash = manifest.lastIndexOf("/");
  const there = slash < 0 ? "" : `cd ${quoted(manifest.slice(0, slash))} && `;
  const back = slash < 0 ? "" : "; cd - >/dev/null";
  return `${there}${command()}${back}`;

  function command(): string {
    const file = quoted(manifest.slice(slash + 1));
    const at = change.what === "update" ? "@latest" : version === null ? "" : `@${version}`;
    switch (registry) {
      case "npm":
        if (change.what === "remove") return `${manager} ${manager === "npm" ? "uninstall" : "remove"} ${name}`;
        return `${manager} ${manager === "npm" ? "install" : "add"} ${name}${at}${change.dev ? (manager === "yarn" ? " --dev" : " --save-dev") : ""}`;
      case "go":
        return `go get ${name}@${change.what === "remove" ? "none" : change.what === "update" ? "latest" : (version ?? "latest")}`;
      case "nuget":
        if (change.what === "remove") return `dotnet remove ${file} package ${name}`;
        return `dotnet add ${file} package ${name}${change.what === "add" && version !== null ? ` --version ${version}` : ""}`;
      case "pypi": {
        const environment = "[ -x .venv/bin/pip ] || python3 -m venv .venv";
        if (change.what === "remove") return `${environment}; .venv/bin/pip uninstall -y ${name}`;
        const one = change.what === "update" ? `--upgrade ${name}` : version === null ? name : `${name}==${version}`;
        // Where the newest version is not known the list asks for none, and what is there would do.
        const newest = change.what === "update" && version === null ? "--upgrade " : "";
        const from = file === "requirements.txt" ? `${newest}-r ${file}` : one;
        return `${environment}; .venv/bin/pip install --disable-pip-version-check ${from}`;
      }
    }
  }
}

function quoted(text: string): string {
  return /^[A-Za-z0-9._/-]+$/.test(text) && !text.startsWith("-") ? text : `'${text.replace(/'/g, "'\\''")}'`;
}
