import type { ILink, ILinkProvider, Terminal } from "@xterm/xterm";

/** What a piece of terminal text leads to. Lines and columns count from 1. */
export type TerminalLink =
  | { kind: "web"; url: string }
  /** A server of this workspace. `path` begins with a slash. */
  | { kind: "port"; port: number; path: string }
  /** `path`: as printed until the runner has found the file, then relative to the workspace. */
  | { kind: "file"; path: string; line: number | null; column: number | null };

export type FoundLink = { start: number; length: number; link: TerminalLink };

/** Characters of one wrapped line that are looked at: some 20 rows; what is past them has no links. */
const maxText = 2048;
/** Files of one line that the runner is asked for (docs/protocol.md, `terminal.resolve`). */
const maxFiles = 32;

const web = /https?:\/\/[^\s"'<>`{}|\\^]+/gi;
const local = /^(?:https?:\/\/)?(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d{2,5})(?=\/|\?|#|$)(.*)$/i;
const bareLocal = /(?<![\w/@.-])(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):\d{2,5}(?:\/[^\s"'<>`{}|\\^]*)?/gi;
const python = /File "([^"\n]{1,400})", line (\d{1,7})/g;
const file =
  /(?<![\p{L}\p{N}_/.~@-])((?:~?\/|\.{1,2}\/)?(?:[\p{L}\p{N}_@.+~[\]-]+\/)*[\p{L}\p{N}_@.+~[\]-]*[\p{L}\p{N}_+~\]])(?::(\d{1,7})(?::(\d{1,7}))?|\((\d{1,7})(?:,\s?(\d{1,7}))?\))?/gu;

/** Everything in a line that may be a link. Files are guesses: only the runner knows which exist. */
export function linksIn(text: string): FoundLink[] {
  const found: FoundLink[] = [];
  const add = (start: number, length: number, link: TerminalLink) => {
    if (found.every((other) => start >= other.start + other.length || start + length <= other.start)) {
      found.push({ start, length, link });
    }
  };
  for (const match of text.matchAll(web)) {
    const url = trimmed(match[0]);
    add(match.index, url.length, portOf(url) ?? { kind: "web", url });
  }
  for (const match of text.matchAll(bareLocal)) {
    const address = trimmed(match[0]);
    const link = portOf(address);
    if (link) add(match.index, address.length, link);
  }
  for (const match of text.matchAll(python)) {
    add(match.index, match[0].length, { kind: "file", path: match[1] ?? "", line: Number(match[2]), column: null });
  }
  for (const match of text.matchAll(file)) {
    const [all, path = "", line, column, otherLine, otherColumn] = match;
    const at = line ?? otherLine;
    if (at === undefined && !/[/.]/.test(path)) continue;
    const place = { line: numberOf(at), column: numberOf(column ?? otherColumn) };
    add(match.index, all.length, { kind: "file", path, ...place });
  }
  return found.sort((a, b) => a.start - b.start);
}

function numberOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

function portOf(address: string): TerminalLink | null {
  const match = local.exec(address);
  const port = Number(match?.[1]);
  if (!match || port < 1 || port > 65_535) return null;
  const rest = match[2] ?? "";
  return { kind: "port", port, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** Without the punctuation of the sentence around it. */
function trimmed(address: string): string {
  let text = address;
  for (;;) {
    const last = text.at(-1) ?? "";
    const opener = { ")": "(", "]": "[" }[last];
    const unopened = opener !== undefined && text.split(last).length > text.split(opener).length;
    if (!/[.,;:!?*]/.test(last) && !unopened) return text;
    text = text.slice(0, -1);
  }
}

type Cell = { x: number; y: number };

/** Finds the links of the line under the pointer. `resolve` answers which files exist, in the order asked. */
export function linkProvider(
  xterm: Terminal,
  resolve: (paths: string[]) => Promise<(string | null)[]>,
  open: (link: TerminalLink) => void,
): ILinkProvider {
  return {
    provideLinks(row, callback) {
      const { text, cells } = wrappedLine(xterm, row - 1);
      const found = linksIn(text);
      const files = found.filter(({ link }) => link.kind === "file").slice(0, maxFiles);
      const asked = files.map(({ link }) => (link.kind === "file" ? link.path : ""));
      const give = (paths: (string | null)[]) => {
        const links = found.flatMap((one): ILink[] => {
          const { start, length, link } = one;
          const target = link.kind === "file" ? known(link, paths[files.indexOf(one)]) : link;
          const first = cells[start];
          const last = cells[start + length - 1];
          if (target === null || !first || !last) return [];
          const range = { start: { x: first.x + 1, y: first.y + 1 }, end: { x: last.x + 1, y: last.y + 1 } };
          return [{ range, text: text.slice(start, start + length), activate: () => open(target) }];
        });
        callback(links.length > 0 ? links : undefined);
      };
      if (asked.length === 0) give([]);
      else resolve(asked).then(give, () => give([]));
    },
  };
}

function known(link: Extract<TerminalLink, { kind: "file" }>, path: string | null | undefined): TerminalLink | null {
  return path === null || path === undefined ? null : { ...link, path };
}

/** A line with the rows that it is wrapped over, and the cell of each of its UTF-16 units. */
function wrappedLine(xterm: Terminal, row: number): { text: string; cells: Cell[] } {
  const buffer = xterm.buffer.active;
  let first = row;
  while (first > 0 && buffer.getLine(first)?.isWrapped && row - first < 20) first--;
  let text = "";
  const cells: Cell[] = [];
  for (let y = first; text.length < maxText; y++) {
    const line = buffer.getLine(y);
    if (!line || (y > first && !line.isWrapped)) break;
    for (let x = 0; x < xterm.cols; x++) {
      const cell = line.getCell(x);
      if (!cell || cell.getWidth() === 0) continue;
      const chars = cell.getChars() || " ";
      cells.push(...Array.from({ length: chars.length }, () => ({ x, y })));
      text += chars;
    }
  }
  return { text, cells };
}
