import { expect, test } from "vitest";
import { commandOf, nameFault, type Change } from "./actions";
import type { Registry } from "./manifests";

const change = (what: Change["what"], name: string, version: string | null = null, dev = false): Change => ({
  what,
  name,
  version,
  dev,
});

test.each<[Registry, string, "npm" | "pnpm" | "yarn", Change, string]>([
  [
    "npm",
    "package.json",
    "npm",
    change("add", "@types/node", "20.1.0", true),
    "npm install @types/node@20.1.0 --save-dev",
  ],
  ["npm", "package.json", "npm", change("remove", "react"), "npm uninstall react"],
  ["npm", "package.json", "pnpm", change("update", "react"), "pnpm add react@latest"],
  ["npm", "my app/package.json", "yarn", change("add", "a"), "cd 'my app' && yarn add a; cd - >/dev/null"],
  ["go", "go.mod", "npm", change("add", "github.com/a/b"), "go get github.com/a/b@latest"],
  ["go", "go.mod", "npm", change("remove", "github.com/a/b"), "go get github.com/a/b@none"],
  [
    "nuget",
    "src/App.csproj",
    "npm",
    change("add", "Humanizer", "3.0.1"),
    "cd src && dotnet add App.csproj package Humanizer --version 3.0.1; cd - >/dev/null",
  ],
  [
    "pypi",
    "requirements.txt",
    "npm",
    change("add", "flask"),
    "[ -x .venv/bin/pip ] || python3 -m venv .venv; .venv/bin/pip install --disable-pip-version-check -r requirements.txt",
  ],
  [
    "pypi",
    "requirements.txt",
    "npm",
    change("update", "flask"),
    "[ -x .venv/bin/pip ] || python3 -m venv .venv; .venv/bin/pip install --disable-pip-version-check --upgrade -r requirements.txt",
  ],
  [
    "pypi",
    "requirements.txt",
    "npm",
    change("update", "flask", "3.0.1"),
    "[ -x .venv/bin/pip ] || python3 -m venv .venv; .venv/bin/pip install --disable-pip-version-check -r requirements.txt",
  ],
])("%s %s %s", (registry, manifest, manager, what, command) =>
  expect(commandOf(registry, { manifest, manager }, what)).toBe(command),
);

test.each(["a; rm -rf ~", "$(id)", "a b", "--global", "`id`", "a'b", ""])(
  "%s is no name that reaches a shell",
  (name) => {
    expect(nameFault(name)).not.toBeNull();
    expect(() => commandOf("npm", { manifest: "package.json", manager: "npm" }, change("add", name))).toThrow();
  },
);
