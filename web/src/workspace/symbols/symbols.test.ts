import { javascript } from "@codemirror/lang-javascript";
import { markdown } from "@codemirror/lang-markdown";
import { python } from "@codemirror/lang-python";
import { go } from "@codemirror/lang-go";
import { cpp } from "@codemirror/lang-cpp";
import { EditorState, type Extension } from "@codemirror/state";
import { expect, test } from "vitest";
import { symbolsAround, symbolsOf } from "./symbols";

const named = (doc: string, language: Extension) =>
  symbolsOf(EditorState.create({ doc, extensions: [language] })).map(
    ({ name, depth }) => `${"-".repeat(depth)}${name}`,
  );

test("TypeScript: classes with their methods, functions, values at the top, types", () => {
  const text = `
    export class Basket { private total = 0; add(item: Item) { const local = 1; return local; } }
    interface Item { price: number }
    type Id = string;
    export const pay = () => { const inner = 1; return inner; };
    function close() {}`;
  expect(named(text, javascript({ typescript: true }))).toEqual([
    "Basket",
    "-total",
    "-add",
    "Item",
    "Id",
    "pay",
    "close",
  ]);
});

test("Python, Go, C++", () => {
  expect(named("class A:\n    def b(self):\n        pass\ndef c():\n    pass\n", python())).toEqual(["A", "-b", "c"]);
  expect(named("package main\ntype T struct{}\nfunc (t T) M() {}\nfunc main() {}\n", go())).toEqual(["T", "M", "main"]);
  expect(named("struct S { int x; };\nint add(int a, int b) { return a + b; }\n", cpp())).toEqual(["S", "add"]);
});

test("Markdown: headings within headings", () => {
  const text = "# One\n\ntext\n\n## Two\n\n## Three\n\n# Four\n";
  expect(named(text, markdown())).toEqual(["One", "-Two", "-Three", "Four"]);
  const symbols = symbolsOf(EditorState.create({ doc: text, extensions: [markdown()] }));
  expect(symbolsAround(symbols, text.indexOf("Three")).map(({ name }) => name)).toEqual(["One", "Three"]);
});

test("a language without structure is read by its lines", () => {
  const text = "public class Shop\n{\n    public int Total(int a)\n    {\n        return a;\n    }\n}\n";
  expect(named(text, [])).toEqual(["Shop", "-Total"]);
  expect(named("pub fn main() {\n}\nstruct A;\n", [])).toEqual(["main", "A"]);
});
