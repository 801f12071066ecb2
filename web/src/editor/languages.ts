import type { StreamParser } from "@codemirror/language";
import { LanguageSupport, StreamLanguage } from "@codemirror/language";

/** Loads a language's grammar, a chunk of its own. */
type Loader = () => Promise<LanguageSupport>;

async function stream(parser: Promise<StreamParser<unknown>>): Promise<LanguageSupport> {
  return new LanguageSupport(StreamLanguage.define(await parser));
}

const script = (typescript: boolean, jsx: boolean): Loader => {
  return async () => (await import("@codemirror/lang-javascript")).javascript({ typescript, jsx });
};
const legacyC = async () => import("@codemirror/legacy-modes/mode/clike");
const shell: Loader = () => stream(import("@codemirror/legacy-modes/mode/shell").then((m) => m.shell));
const toml: Loader = () => stream(import("@codemirror/legacy-modes/mode/toml").then((m) => m.toml));
const properties: Loader = () => stream(import("@codemirror/legacy-modes/mode/properties").then((m) => m.properties));
const xml: Loader = () => stream(import("@codemirror/legacy-modes/mode/xml").then((m) => m.xml));
const dockerfile: Loader = () => stream(import("@codemirror/legacy-modes/mode/dockerfile").then((m) => m.dockerFile));
const cmake: Loader = () => stream(import("@codemirror/legacy-modes/mode/cmake").then((m) => m.cmake));
const javascript = script(false, true);
const typescript = script(true, false);
const python: Loader = async () => (await import("@codemirror/lang-python")).python();
const cpp: Loader = async () => (await import("@codemirror/lang-cpp")).cpp();
const css: Loader = async () => (await import("@codemirror/lang-css")).css();
const html: Loader = async () => (await import("@codemirror/lang-html")).html();
const json: Loader = async () => (await import("@codemirror/lang-json")).json();
const markdown: Loader = async () => (await import("@codemirror/lang-markdown")).markdown();
const yaml: Loader = async () => (await import("@codemirror/lang-yaml")).yaml();

const byEnding: Record<string, Loader> = {
  js: javascript,
  mjs: javascript,
  cjs: javascript,
  jsx: javascript,
  ts: typescript,
  mts: typescript,
  cts: typescript,
  tsx: script(true, true),
  py: python,
  pyi: python,
  go: async () => (await import("@codemirror/lang-go")).go(),
  c: cpp,
  h: cpp,
  cc: cpp,
  cpp,
  cxx: cpp,
  hpp: cpp,
  hxx: cpp,
  cs: () => stream(legacyC().then((m) => m.csharp)),
  java: () => stream(legacyC().then((m) => m.java)),
  kt: () => stream(legacyC().then((m) => m.kotlin)),
  rs: () => stream(import("@codemirror/legacy-modes/mode/rust").then((m) => m.rust)),
  rb: () => stream(import("@codemirror/legacy-modes/mode/ruby").then((m) => m.ruby)),
  lua: () => stream(import("@codemirror/legacy-modes/mode/lua").then((m) => m.lua)),
  css,
  scss: css,
  html,
  htm: html,
  vue: html,
  svelte: html,
  cshtml: html,
  json,
  jsonc: json,
  map: json,
  md: markdown,
  markdown,
  yml: yaml,
  yaml,
  sql: async () => (await import("@codemirror/lang-sql")).sql(),
  sh: shell,
  bash: shell,
  zsh: shell,
  toml,
  xml,
  svg: xml,
  csproj: xml,
  props: xml,
  targets: xml,
  slnx: xml,
  ini: properties,
  conf: properties,
  properties,
  env: properties,
  editorconfig: properties,
  dockerfile,
  cmake,
  diff: () => stream(import("@codemirror/legacy-modes/mode/diff").then((m) => m.diff)),
};

const byName: Record<string, Loader> = {
  dockerfile,
  containerfile: dockerfile,
  "cmakelists.txt": cmake,
  ".bashrc": shell,
  ".profile": shell,
  ".env": properties,
  ".npmrc": properties,
  ".gitconfig": properties,
  ".prettierrc": json,
  pipfile: toml,
  "go.mod": async () => (await import("@codemirror/lang-go")).go(),
};

const loaded = new Map<Loader, LanguageSupport>();

/** The language of a file, by its name: at once when it was loaded before, null when none is known. */
export function languageOf(path: string): { ready: LanguageSupport | null; load: Loader } | null {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const loader = byName[name] ?? byEnding[name.slice(name.lastIndexOf(".") + 1)];
  if (loader === undefined) return null;
  const load = async () => {
    const language = loaded.get(loader) ?? (await loader());
    loaded.set(loader, language);
    return language;
  };
  return { ready: loaded.get(loader) ?? null, load };
}
