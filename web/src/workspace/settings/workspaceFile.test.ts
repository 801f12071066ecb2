import { expect, test } from "vitest";
import { editsFor } from "./workspaceFile";

const after = (text: string, change: Parameters<typeof editsFor>[1]) =>
  editsFor(text, change).reduceRight((now, { from, to, insert }) => now.slice(0, from) + insert + now.slice(to), text);

test("a setting is added, changed and taken out, and the rest stays as it stands", () => {
  const text = '{\n    "run": "npm start", // as ever\n    "port": 3000\n}\n';
  const added = after(text, { tabSize: 4 });
  expect(added).toContain("// as ever");
  expect(JSON.parse(added.replace(/\/\/.*/, ""))).toEqual({ run: "npm start", port: 3000, editor: { tabSize: 4 } });
  expect(after(added, { tabSize: 2 })).toContain('"tabSize": 2');
  expect(after(added, { tabSize: undefined } as never)).not.toContain("tabSize");
});

test("an empty file becomes one with the setting alone", () => {
  expect(JSON.parse(after("", { wrap: true }))).toEqual({ editor: { wrap: true } });
});

test("a file that is broken is left alone", () => {
  expect(() => editsFor('{ "run": ', { wrap: true })).toThrow(/not valid JSON/);
});
