/** What a new file starts with, by its name: the lines that everyone would type first. Empty where there are none. */
export function startingText(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const folders = path.split("/").slice(0, -1);
  const dot = name.indexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return byName[name.toLowerCase()]?.(stem, folders) ?? (dot > 0 ? (byEnding[ending]?.(stem, folders) ?? "") : "");
}

type Starter = (stem: string, folders: readonly string[]) => string;

const html: Starter = (stem) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${titleOf(stem === "index" ? "Page" : stem)}</title>
  </head>
  <body>
    <h1>${titleOf(stem === "index" ? "Page" : stem)}</h1>
  </body>
</html>
`;

const component: Starter = (stem) => {
  const name = identifier(stem);
  return /^[A-Z]/.test(name) && stem !== "index"
    ? `export function ${name}() {\n  return <div>${name}</div>;\n}\n`
    : "";
};

const header: Starter = () => "#pragma once\n\n";

const byEnding: Record<string, Starter> = {
  html,
  htm: html,
  tsx: component,
  jsx: component,
  py: (stem) =>
    stem === "main" || stem === "app" ? 'def main():\n    pass\n\n\nif __name__ == "__main__":\n    main()\n' : "",
  go: (stem, folders) =>
    stem === "main" ? "package main\n\nfunc main() {\n}\n" : `package ${goPackage(stem, folders)}\n`,
  cs: (stem, folders) => {
    const space = folders.map(identifier).filter(Boolean).join(".");
    const kind = /^I[A-Z]/.test(stem) ? "interface" : "class";
    return `${space ? `namespace ${space};\n\n` : ""}public ${kind} ${identifier(stem)}\n{\n}\n`;
  },
  java: (stem) => `public class ${identifier(stem)} {\n}\n`,
  h: header,
  hpp: header,
  c: (stem) => (stem === "main" ? "#include <stdio.h>\n\nint main(void) {\n    return 0;\n}\n" : ""),
  cpp: (stem) => (stem === "main" ? "#include <iostream>\n\nint main() {\n    return 0;\n}\n" : ""),
  rs: (stem) => (stem === "main" ? "fn main() {\n}\n" : ""),
  sh: () => "#!/usr/bin/env bash\nset -euo pipefail\n\n",
  md: (stem) => `# ${titleOf(stem)}\n`,
  json: () => "{\n}\n",
  svg: () => '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">\n</svg>\n',
  vue: () => "<script setup>\n</script>\n\n<template>\n  <div></div>\n</template>\n",
  svelte: () => "<script>\n</script>\n\n<div></div>\n",
};

const byName: Record<string, Starter> = {
  dockerfile: () => "FROM \n\nWORKDIR /app\nCOPY . .\n",
  makefile: () => ".PHONY: all\nall:\n",
  ".gitignore": () => "node_modules/\n",
  "__init__.py": () => "",
  "docker-compose.yml": () => "services:\n",
  "package.json": (_, folders) =>
    `{\n  "name": "${(folders.at(-1) ?? "app").toLowerCase().replace(/[^a-z0-9-]+/g, "-") || "app"}",\n  "private": true,\n  "type": "module"\n}\n`,
  "tsconfig.json": () =>
    '{\n  "compilerOptions": {\n    "strict": true,\n    "module": "nodenext",\n    "target": "es2023"\n  }\n}\n',
  "go.mod": (_, folders) => `module ${goPackage(folders.at(-1) ?? "app", [])}\n`,
};

/** "my-page" becomes "My page". */
function titleOf(stem: string): string {
  const words = stem.replace(/[-_.]+/g, " ").trim();
  // In HTML a file name must not become markup.
  const safe = words.replace(/[<>&]/g, "");
  return safe.charAt(0).toUpperCase() + safe.slice(1);
}

/** Letters and digits only, so that it can be a name in code; "my-card" becomes "myCard". */
function identifier(text: string): string {
  const joined = text.replace(/[^A-Za-z0-9_]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? "");
  return /^[A-Za-z_]/.test(joined) ? joined : joined === "" ? "" : `_${joined}`;
}

function goPackage(stem: string, folders: readonly string[]): string {
  const name = (folders.at(-1) ?? stem.replace(/_test$/, "")).toLowerCase().replace(/[^a-z0-9]/g, "");
  return /^[a-z]/.test(name) ? name : "main";
}
