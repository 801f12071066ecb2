import { applyEdits, modify, parse, type ParseError } from "jsonc-parser";
import { RequestError } from "@/connection";
import type { DocumentHandle } from "@/documents";
import type { WorkspaceSettings } from "@/preferences/settings";
import type { WorkspaceSession } from "../session";

const file = "dropit.json";

/** Milliseconds that the file may take to open. */
const patience = 10_000;

/**
 * Writes settings into dropit.json as anyone would who edits it: what else is in it, its comments and its form stay. Undefined takes one out.
 */
export async function changeWorkspaceSettings(session: WorkspaceSession, change: WorkspaceSettings): Promise<void> {
  const document = session.documents.open(file);
  try {
    if (!(await isReady(document))) {
      await session.connection.request("files.create", { path: file, kind: "file" });
      document.retry();
      if (!(await isReady(document))) throw new Error(`${file} could not be made.`);
    }
    const { client } = document;
    const state = client.current;
    if (state === null) return;
    const changes = editsFor(state.doc.toString(), change);
    client.dispatch([state.update({ changes })]);
  } finally {
    document.close();
  }
}

/** The edits of a text that set `editor` in it. */
export function editsFor(text: string, change: WorkspaceSettings): { from: number; to: number; insert: string }[] {
  const errors: ParseError[] = [];
  parse(text, errors, { allowTrailingComma: true });
  if (text.trim() !== "" && errors.length > 0) {
    throw new Error(`${file} is not valid JSON, so nothing was set. Mend it first.`);
  }
  let now = text.trim() === "" ? "{}\n" : text;
  const formattingOptions = { insertSpaces: !/^\t/m.test(now), tabSize: /^ {4}"/m.test(now) ? 4 : 2, eol: "\n" };
  for (const [name, value] of Object.entries(change)) {
    now = applyEdits(now, modify(now, ["editor", name], value, { formattingOptions }));
  }
  // One range from the first difference to the last.
  let start = 0;
  while (start < text.length && text[start] === now[start]) start++;
  let end = 0;
  const most = Math.min(text.length, now.length) - start;
  while (end < most && text[text.length - 1 - end] === now[now.length - 1 - end]) end++;
  return start === text.length && now.length === text.length
    ? []
    : [{ from: start, to: text.length - end, insert: now.slice(start, now.length - end) }];
}

function isReady({ state }: DocumentHandle): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const now = state.get();
      if (now.kind === "loading") return;
      end();
      if (now.kind === "ready") resolve(true);
      else if (now.kind === "refused" && now.code !== "not_found") reject(new RequestError(now.code, now.message));
      else resolve(false);
    };
    const timer = setTimeout(() => {
      end();
      reject(new Error(`${file} could not be opened in time. Try again when the workspace is connected.`));
    }, patience);
    const unsubscribe = state.subscribe(look);
    const end = () => {
      clearTimeout(timer);
      unsubscribe();
    };
    look();
  });
}
