import { ensureSyntaxTree, language, StreamLanguage, syntaxTree } from "@codemirror/language";
import type { EditorState, Text } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";

export type SymbolKind = "class" | "function" | "value" | "type" | "heading" | "rule" | "property";

/** Something that a file declares. `from` and `to` are the whole of it, in UTF-16 units; `depth` how many others are around it. */
export type FileSymbol = {
  name: string;
  kind: SymbolKind;
  from: number;
  to: number;
  depth: number;
  place: { line: number; column: number };
};

/** Milliseconds that a file may take; what is declared behind that is missing. */
const patience = 200;

/** More than anyone picks from. */
const limit = 5_000;

/** Which nodes of lezer's trees declare something, and which node in them has its name. */
const declarations: Record<string, { kind: SymbolKind; name: readonly string[] }> = {
  // JavaScript, TypeScript
  FunctionDeclaration: { kind: "function", name: ["VariableDefinition"] },
  ClassDeclaration: { kind: "class", name: ["VariableDefinition", "TypeDefinition"] },
  MethodDeclaration: { kind: "function", name: ["PropertyDefinition", "PrivatePropertyDefinition"] },
  PropertyDeclaration: { kind: "property", name: ["PropertyDefinition", "PrivatePropertyDefinition"] },
  VariableDeclaration: { kind: "value", name: ["VariableDefinition"] },
  InterfaceDeclaration: { kind: "type", name: ["TypeDefinition"] },
  TypeAliasDeclaration: { kind: "type", name: ["TypeDefinition"] },
  EnumDeclaration: { kind: "type", name: ["TypeDefinition"] },
  NamespaceDeclaration: { kind: "type", name: ["VariableDefinition"] },
  // Python, C++
  FunctionDefinition: { kind: "function", name: ["VariableName", "FunctionDeclarator"] },
  ClassDefinition: { kind: "class", name: ["VariableName"] },
  ClassSpecifier: { kind: "class", name: ["TypeIdentifier"] },
  StructSpecifier: { kind: "class", name: ["TypeIdentifier"] },
  EnumSpecifier: { kind: "type", name: ["TypeIdentifier"] },
  NamespaceDefinition: { kind: "type", name: ["NamespaceIdentifier", "Identifier"] },
  // Go
  FunctionDecl: { kind: "function", name: ["DefName"] },
  MethodDecl: { kind: "function", name: ["FieldName"] },
  TypeSpec: { kind: "type", name: ["DefName"] },
  // Markdown
  ATXHeading1: { kind: "heading", name: [] },
  ATXHeading2: { kind: "heading", name: [] },
  ATXHeading3: { kind: "heading", name: [] },
  ATXHeading4: { kind: "heading", name: [] },
  ATXHeading5: { kind: "heading", name: [] },
  ATXHeading6: { kind: "heading", name: [] },
  // CSS, JSON, YAML
  RuleSet: { kind: "rule", name: [] },
  Property: { kind: "property", name: ["PropertyName"] },
  Pair: { kind: "property", name: ["Key"] },
};

/** Declared within a function, these are its own business. */
const local: ReadonlySet<string> = new Set(["VariableDeclaration"]);
const functions = /^(Function|Method|ArrowFunction|Lambda|Block$|StatementBlock)/;
/** Of data, only what is near the root: the rest is data. */
const dataDepth = 3;

/** What a file declares, in its order. */
export function symbolsOf(state: EditorState): FileSymbol[] {
  const known = state.facet(language);
  if (known === null || known instanceof StreamLanguage) return fromLines(state.doc);
  const tree = ensureSyntaxTree(state, state.doc.length, patience) ?? syntaxTree(state);
  const symbols: FileSymbol[] = [];
  const open: { to: number }[] = [];
  let inside = 0;
  tree.iterate({
    enter: (node) => {
      while ((open.at(-1)?.to ?? Infinity) <= node.from) open.pop();
      const declaration = declarations[node.name];
      if (declaration && symbols.length < limit && !(inside > 0 && local.has(node.name))) {
        const name = nameOf(node.node, declaration.name, state.doc);
        const tooDeep = declaration.kind === "property" && open.length >= dataDepth;
        if (name !== null && !tooDeep) {
          symbols.push(symbolAt(state.doc, name.text, declaration.kind, node.from, node.to, name.at, open.length));
          open.push({ to: node.to });
        }
      }
      if (functions.test(node.name)) inside++;
    },
    leave: (node) => {
      if (functions.test(node.name)) inside--;
    },
  });
  return symbols[0]?.kind === "heading" ? nestedHeadings(symbols, state.doc) : symbols;
}

/** The symbols around a position, outermost first. */
export function symbolsAround(symbols: readonly FileSymbol[], position: number): FileSymbol[] {
  return symbols.filter(({ from, to }) => from <= position && position <= to);
}

function symbolAt(
  doc: Text,
  name: string,
  kind: SymbolKind,
  from: number,
  to: number,
  at: number,
  depth: number,
): FileSymbol {
  const line = doc.lineAt(at);
  return { name, kind, from, to, depth, place: { line: line.number, column: at - line.from + 1 } };
}

function nameOf(node: SyntaxNode, names: readonly string[], doc: Text): { text: string; at: number } | null {
  if (names.length === 0) {
    const line = doc.lineAt(node.from);
    const text = doc
      .sliceString(node.from, Math.min(node.to, line.to))
      .replace(/^#+\s*|\s*\{.*$/g, "")
      .trim();
    return text === "" ? null : { text: text.slice(0, 120), at: node.from };
  }
  for (const name of names) {
    const found = node.getChild(name);
    if (!found) continue;
    // A C++ declarator is `name(parameters)`.
    const end = name === "FunctionDeclarator" ? (found.getChild("ParameterList")?.from ?? found.to) : found.to;
    const text = doc.sliceString(found.from, end).replace(/^["']|["']$/g, "");
    return text === "" ? null : { text, at: found.from };
  }
  return null;
}

/** A heading lasts until the next one that is not below it. */
function nestedHeadings(headings: FileSymbol[], doc: Text): FileSymbol[] {
  const levelOf = ({ from }: FileSymbol) => /^#*/.exec(doc.sliceString(from, from + 6))?.[0].length ?? 1;
  const levels = headings.map(levelOf);
  const top = Math.min(...levels);
  return headings.map((heading, index) => {
    const level = levels[index] ?? 1;
    const next = headings.find((_, later) => later > index && (levels[later] ?? 1) <= level);
    return { ...heading, to: next ? next.from - 1 : doc.length, depth: level - top };
  });
}

/** For languages whose highlighting knows no structure: lines that look like declarations. */
const looks: { pattern: RegExp; kind: SymbolKind }[] = [
  {
    pattern:
      /^\s*(?:(?:public|private|protected|internal|static|sealed|abstract|partial|final|export|pub(?:\([^)]*\))?|open|data|unsafe|readonly)\s+)*(?:class|struct|interface|enum|record(?:\s+struct)?|trait|impl|module|object|namespace|mod|union|protocol|extension)\s+([\w.<>:]+)/,
    kind: "class",
  },
  { pattern: /^\s*(?:\w+\s+)*(?:fn|def|fun|func|function|sub)\s+([\w.?!]+)/, kind: "function" },
  {
    pattern:
      /^\s+(?:(?:public|private|protected|internal|static|virtual|override|sealed|abstract|async|final|synchronized|extern|unsafe|new)\s+)+[\w<>[\],.?]+(?:\s+[\w<>[\],.?]+)?\s+(\w+)\s*(?:<[^>]*>)?\(/,
    kind: "function",
  },
];

/** Characters of a line that are looked at: declarations are not longer. */
const lineLimit = 300;

function fromLines(doc: Text): FileSymbol[] {
  const symbols: FileSymbol[] = [];
  for (let number = 1; number <= doc.lines && symbols.length < limit; number++) {
    const { text, from, to } = doc.line(number);
    if (text.length > lineLimit) continue;
    for (const { pattern, kind } of looks) {
      const name = pattern.exec(text)?.[1];
      if (name === undefined) continue;
      const at = from + text.lastIndexOf(name);
      const indent = text.length - text.trimStart().length;
      symbols.push(symbolAt(doc, name, kind, from, to, at, indent === 0 ? 0 : 1));
      break;
    }
  }
  // Each lasts to the next of its depth or less.
  return symbols.map((symbol, index) => {
    const next = symbols.find((one, later) => later > index && one.depth <= symbol.depth);
    return { ...symbol, to: next ? next.from - 1 : doc.length };
  });
}
