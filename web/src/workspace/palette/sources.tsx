import { useEffect, useState, type ReactNode } from "react";
import { messageOf } from "@/api/request";
import { Kbd } from "@/components/ui/kbd";
import { useStore } from "@/connection";
import { symbolIcon, useSymbols } from "../symbols/useSymbols";
import { commands, type CommandId } from "../commands";
import { FileIcon } from "../files/FileIcon";
import { nameOf, parentOf } from "../files/tree";
import type { WorkspaceSession } from "../session";
import { fuzzy, fuzzyPath, placeOf } from "./fuzzy";
import { Marked } from "./Marked";

/** A line of the palette. `show` is called while it is the chosen one, to look at what it leads to. */
export type Item = { id: string; content: ReactNode; choose: () => void; show?: () => void };

/** What a source gives: its lines, what to say when there are none, and whether more may come. */
export type Source = { items: Item[]; empty: string; asking?: boolean };

const shown = 50;
/** Asked for more than are shown, since files of late are put first among them. */
const asked = 200;
/** How much a file that was looked at lately is better: the last one most. */
const recency = 24;

/** Files by name, those of late first; `name:line:column` goes to a place. */
export function useFileSource(session: WorkspaceSession, typed: string | null, done: () => void): Source {
  const { recent, active } = useStore(session.tabs.tabs);
  const { query, line, column } = placeOf(typed ?? "");
  const found = useFound(session, typed === null ? null : query);
  const late = recent.filter((path) => path !== active);
  const ranked = [...new Set([...late, ...found.paths])]
    .flatMap((path) => {
      const hit = fuzzyPath(query, path);
      if (!hit) return [];
      const at = late.indexOf(path);
      const bonus = at < 0 ? 0 : Math.max(4, recency - 2 * at);
      return [{ path, positions: hit.positions, score: hit.score + bonus - path.length / 1000 }];
    })
    .sort((a, b) => b.score - a.score);
  const items = ranked.slice(0, shown).map(({ path, positions }): Item => {
    const name = nameOf(path);
    return {
      id: path,
      content: (
        <>
          <FileIcon name={name} />
          <span className="max-w-[75%] shrink-0 truncate">
            <Marked text={name} positions={positions} start={path.length - name.length} />
          </span>
          <span className="truncate text-xs text-muted-foreground">
            <Marked text={parentOf(path)} positions={positions} />
          </span>
        </>
      ),
      choose: () => {
        done();
        session.tabs.open(path, line === undefined ? {} : { at: { line, ...(column !== undefined && { column }) } });
        session.files.reveal(path);
      },
    };
  });
  const asking = typed !== null && found.query !== query;
  return { items, empty: asking ? "Looking" : (found.fault ?? "No file has that name."), asking };
}

/** The answer to a query; null before the first. */
type Found = { query: string | null; paths: readonly string[]; fault: string | null };

/** The files for a query. What was found stays until the next answer. */
function useFound(session: WorkspaceSession, query: string | null): Found {
  const [found, setFound] = useState<Found>({ query: null, paths: [], fault: null });
  useEffect(() => {
    if (query === null) return;
    let left = false;
    session.connection.request("files.find", { query, limit: asked }).then(
      ({ paths }) => {
        if (!left) setFound({ query, paths, fault: null });
      },
      (error: unknown) => {
        if (!left) setFound({ query, paths: [], fault: messageOf(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [session, query]);
  return found;
}

/** Commands used in this visit, the last one first. */
const used: CommandId[] = [];

export function commandSource(query: string, done: (command: CommandId) => void): Source {
  const ranked = commands
    .flatMap(({ id, title, keys }) => {
      const hit = id === "palette" ? null : fuzzy(query, title);
      if (!hit) return [];
      const at = used.indexOf(id);
      return [{ id, title, keys, positions: hit.positions, score: hit.score + (at < 0 ? 0 : 20 - at) }];
    })
    .sort((a, b) => b.score - a.score);
  const items = ranked.map(({ id, title, keys, positions }): Item => {
    const choose = () => {
      used.unshift(id, ...used.splice(0).filter((one) => one !== id));
      used.length = Math.min(used.length, 10);
      done(id);
    };
    return {
      id,
      content: (
        <>
          <span className="flex-1 truncate">
            <Marked text={title} positions={positions} />
          </span>
          {keys && <Kbd keys={keys} />}
        </>
      ),
      choose,
    };
  });
  return { items, empty: "No command has that name." };
}

/** What the file that is shown declares. Looking at one shows its place. */
export function useSymbolSource(session: WorkspaceSession, query: string | null, done: () => void): Source {
  const { active } = useStore(session.tabs.tabs);
  const symbols = useSymbols(session, query !== null);
  if (active === null) return { items: [], empty: "Open a file first." };
  const ranked = (symbols ?? []).flatMap((symbol, position) => {
    const hit = fuzzy(query ?? "", symbol.name);
    return hit ? [{ symbol, position, ...hit }] : [];
  });
  // Without a query they stand as in the file.
  if (query) ranked.sort((a, b) => b.score - a.score);
  const items = ranked.slice(0, 200).map(({ symbol, position, positions }): Item => {
    const Icon = symbolIcon(symbol.kind);
    const at = (focus: boolean) => session.tabs.target.set({ path: active, place: { ...symbol.place, focus } });
    return {
      id: `${symbol.name}:${position}`,
      content: (
        <>
          <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
          <span className="truncate" style={{ paddingLeft: query ? 0 : symbol.depth * 14 }}>
            <Marked text={symbol.name} positions={positions} />
          </span>
          <span className="ml-auto shrink-0 text-2xs text-muted-foreground tabular-nums">{symbol.place.line}</span>
        </>
      ),
      show: () => at(false),
      choose: () => {
        done();
        at(true);
      },
    };
  });
  const empty = symbols === null ? "Looking" : query ? "Nothing has that name here." : "This file declares nothing.";
  return { items, empty };
}

/** One line: where the number leads. */
export function lineSource(session: WorkspaceSession, typed: string, done: () => void): Source {
  const { active } = session.tabs.tabs.get();
  const lines = session.editor.get()?.state.doc.lines;
  if (active === null || lines === undefined) return { items: [], empty: "Open a file first." };
  const { line, column } = placeOf(`:${typed}`);
  if (line === undefined) return { items: [], empty: `Type a line from 1 to ${lines}, as in 12 or 12:5.` };
  const last = Math.min(Math.max(1, line), lines);
  const at = (focus: boolean) =>
    session.tabs.target.set({ path: active, place: { line: last, ...(column !== undefined && { column }), focus } });
  return {
    items: [
      {
        id: "line",
        content: `Go to line ${last}${column === undefined ? "" : `, column ${column}`}`,
        show: () => at(false),
        choose: () => {
          done();
          at(true);
        },
      },
    ],
    empty: "",
  };
}

/** The open files, the last one first: the second line is where one comes from. */
export function openSource(session: WorkspaceSession, query: string, done: () => void): Source {
  const { paths, recent } = session.tabs.tabs.get();
  const ordered = [...recent.filter((path) => paths.includes(path)), ...paths.filter((path) => !recent.includes(path))];
  const items = ordered.flatMap((path): Item[] => {
    const hit = fuzzyPath(query, path);
    if (!hit) return [];
    const name = nameOf(path);
    return [
      {
        id: path,
        content: (
          <>
            <FileIcon name={name} />
            <span className="shrink-0">
              <Marked text={name} positions={hit.positions} start={path.length - name.length} />
            </span>
            <span className="truncate text-xs text-muted-foreground">{parentOf(path)}</span>
          </>
        ),
        choose: () => {
          done();
          session.tabs.open(path, { preview: session.tabs.tabs.get().preview === path });
        },
      },
    ];
  });
  return { items, empty: paths.length === 0 ? "No file is open." : "No open file has that name." };
}
