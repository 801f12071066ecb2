/** The registries that the runner asks. */
export type Registry = "npm" | "pypi" | "go" | "nuget";

export type Named = {
  name: string;
  /** What the manifest asks for, as it stands there; empty: any version. */
  wanted: string;
  /** For development only, or brought by another one. */
  group: "" | "dev" | "indirect";
};

const kinds: [RegExp, Registry, (text: string) => Named[]][] = [
  [/^package\.json$/, "npm", npm],
  [/^requirements\.txt$/, "pypi", requirements],
  [/^pyproject\.toml$/, "pypi", pyproject],
  [/^go\.mod$/, "go", goMod],
  [/\.csproj$/, "nuget", csproj],
];

/** The registry of a manifest, by its name; null: it is none that is known. */
export function registryOf(path: string): Registry | null {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? null;
}

/** What a manifest names; throws a sentence when it cannot be read. */
export function dependenciesOf(path: string, text: string): Named[] {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return kinds.find(([pattern]) => pattern.test(name))?.[2](text) ?? [];
}

function npm(text: string): Named[] {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`It is not valid JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const of = (key: string, group: Named["group"]): Named[] => {
    const list = (json as Record<string, unknown> | null)?.[key];
    if (typeof list !== "object" || list === null) return [];
    return Object.entries(list).flatMap(([name, wanted]) =>
      typeof wanted === "string" ? [{ name, wanted, group }] : [],
    );
  };
  return [...of("dependencies", ""), ...of("optionalDependencies", ""), ...of("devDependencies", "dev")];
}

/** A requirement as PEP 508 has it, without what belongs to no package: options, addresses, comments. */
const requirement = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*((?:(?:===|[=!<>~]=|<|>)\s*[^,;#\s]+\s*,?\s*)*)/;

function requirementOf(line: string): Named | null {
  const match = requirement.exec(line.trim());
  if (!match?.[1] || /^[^#;]*@/.test(line)) return null;
  return { name: match[1], wanted: (match[2] ?? "").replace(/\s+/g, ""), group: "" };
}

function requirements(text: string): Named[] {
  return text
    .split("\n")
    .map(requirementOf)
    .filter((one) => one !== null);
}

function pyproject(text: string): Named[] {
  return quotedIn(projectList.exec(sectionOf(text, "project"))?.[1] ?? "")
    .map(requirementOf)
    .filter((one) => one !== null);
}

const projectList = /^dependencies\s*=\s*\[([\s\S]*?)\n?\s*\]\s*$/m;

const quotedIn = (list: string) =>
  [...list.matchAll(/"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? "");

function sectionOf(text: string, name: string): string {
  const start = new RegExp(`^\\[${name}\\]\\s*$`, "m").exec(text);
  if (!start) return "";
  const rest = text.slice(start.index + start[0].length);
  const end = rest.search(/^\[[^[\]]+\]\s*$/m);
  return end < 0 ? rest : rest.slice(0, end);
}

function goMod(text: string): Named[] {
  const found: Named[] = [];
  let inside = false;
  for (const line of text.split("\n")) {
    const bare = line.replace(/\/\/.*/, "").trim();
    if (/^require\s*\($/.test(bare)) inside = true;
    else if (bare === ")") inside = false;
    else {
      const match = (inside ? /^(\S+)\s+(v\S+)$/ : /^require\s+(\S+)\s+(v\S+)$/).exec(bare);
      if (!match?.[1] || !match[2]) continue;
      found.push({ name: match[1], wanted: match[2], group: /\/\/\s*indirect/.test(line) ? "indirect" : "" });
    }
  }
  return found;
}

function csproj(text: string): Named[] {
  const found: Named[] = [];
  const plain = text.replace(/<!--[\s\S]*?-->/g, "");
  for (const [, attributes = "", inner = ""] of plain.matchAll(
    /<PackageReference\b([^>]*?)(?:\/>|>([\s\S]*?)<\/PackageReference>)/g,
  )) {
    const name = /\bInclude\s*=\s*"([^"]+)"/.exec(attributes)?.[1];
    const wanted = /\bVersion\s*=\s*"([^"]+)"/.exec(attributes)?.[1] ?? /<Version>([^<]+)<\/Version>/.exec(inner)?.[1];
    if (name) found.push({ name, wanted: wanted ?? "", group: "" });
  }
  return found;
}

/** The text of requirements.txt with a package in it, in place of the line that it had; `version` null: any. */
export function withRequirement(text: string, name: string, version: string | null): string {
  const line = version === null ? name : `${name}==${version}`;
  const lines = text.replace(/\n$/, "").split("\n");
  const at = lines.findIndex((one) => same(requirementOf(one)?.name, name));
  if (at >= 0) {
    const extras = /^\s*[A-Za-z0-9._-]+\s*(\[[^\]]*\])/.exec(lines[at] ?? "")?.[1] ?? "";
    lines[at] = version === null ? `${name}${extras}` : `${name}${extras}==${version}`;
  } else if (text.trim() === "") return `${line}\n`;
  else lines.push(line);
  return `${lines.join("\n")}\n`;
}

/** The text of requirements.txt without a package. */
export function withoutRequirement(text: string, name: string): string {
  return text
    .split("\n")
    .filter((line) => !same(requirementOf(line)?.name, name))
    .join("\n");
}

/** The text of pyproject.toml with another list of dependencies; throws a sentence when the list is not a plain one. */
function withProjectList(text: string, edit: (requirements: string[]) => string[]): string {
  const section = sectionOf(text, "project");
  if (section === "") throw new Error("This pyproject.toml has no [project] section. Change it by hand.");
  const found = projectList.exec(section);
  if (found?.[1]?.includes("#")) {
    throw new Error("The list of dependencies has comments in it, which would be lost. Change it by hand.");
  }
  const lines = edit(quotedIn(found?.[1] ?? "")).map((one) => `    ${JSON.stringify(one)},\n`);
  const list = `dependencies = [\n${lines.join("")}]`;
  const after = found
    ? section.replace(found[0].trimEnd(), () => list)
    : section.replace(/\s*$/, (end) => `\n${list}${end}`);
  return text.replace(section, () => after);
}

export function withProjectRequirement(text: string, name: string, version: string | null): string {
  const wanted = version === null ? name : `${name}==${version}`;
  return withProjectList(text, (all) =>
    all.some((one) => same(requirementOf(one)?.name, name))
      ? all.map((one) => (same(requirementOf(one)?.name, name) ? wanted : one))
      : [...all, wanted],
  );
}

export function withoutProjectRequirement(text: string, name: string): string {
  return withProjectList(text, (all) => all.filter((one) => !same(requirementOf(one)?.name, name)));
}

/** Names of Python packages are the same whatever stands between their words. */
export function same(one: string | undefined, other: string): boolean {
  const plain = (name: string) => name.toLowerCase().replace(/[-_.]+/g, "-");
  return one !== undefined && plain(one) === plain(other);
}
