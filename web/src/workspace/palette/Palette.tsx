import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { useStore } from "@/connection";
import { commands, type CommandId } from "../commands";
import { FileIcon } from "../files/FileIcon";
import { nameOf, parentOf } from "../files/tree";
import type { WorkspaceSession } from "../session";
import type { Sheet } from "../WorkspaceFrame";

type PaletteProps = {
  session: WorkspaceSession;
  mode: "files" | "commands";
  onMode: (mode: Sheet) => void;
  onCommand: (command: CommandId) => void;
};

type Item = { id: string; content: ReactNode; choose: () => void };

/** Quick open and, behind a leading ">", all commands. */
export default function Palette({ session, mode, onMode, onCommand }: PaletteProps) {
  const [typed, setTyped] = useState(mode === "commands" ? ">" : "");
  const [index, setIndex] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const forCommands = typed.startsWith(">");
  const query = (forCommands ? typed.slice(1) : typed).trim();
  const found = useFound(session, forCommands ? null : query);
  const close = () => onMode(null);
  const items = forCommands
    ? commandItems(query, (command) => {
        close();
        onCommand(command);
      })
    : fileItems(found.paths, (path) => {
        close();
        session.tabs.open(path);
        session.files.reveal(path);
      });
  const at = Math.min(index, items.length - 1);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length > 0) {
      event.preventDefault();
      setIndex((at + step + items.length) % items.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      items[at]?.choose();
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) close();
      }}
    >
      <DialogContent
        title={forCommands ? "Commands" : "Go to file"}
        hideTitle
        className="top-[10vh] flex w-[min(36rem,calc(100vw-1.5rem))] flex-col gap-0 overflow-hidden p-0"
      >
        <input
          role="combobox"
          aria-label={forCommands ? "Find a command" : "Find a file by name"}
          aria-expanded
          aria-controls={id}
          aria-activedescendant={items.length > 0 ? `${id}-${at}` : undefined}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          placeholder="Name of a file, or > for commands"
          className="h-11 w-full border-b bg-transparent px-4 text-sm outline-none placeholder:text-muted-foreground"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setIndex(0);
          }}
          onKeyDown={press}
        />
        <div ref={list} id={id} role="listbox" aria-label="Results" className="max-h-[52vh] overflow-y-auto p-1">
          {items.map((item, position) => (
            <div
              key={item.id}
              id={`${id}-${position}`}
              role="option"
              aria-selected={position === at}
              className={cn("flex h-8 items-center gap-2 rounded-md px-2.5", position === at && "bg-accent")}
              onPointerMove={() => setIndex(position)}
              onClick={item.choose}
            >
              {item.content}
            </div>
          ))}
        </div>
        {items.length === 0 && (
          <p role="status" className="px-4 pb-4 text-muted-foreground">
            {found.fault ??
              (forCommands ? "No command has that name." : found.asking ? "Looking" : "No file has that name.")}
          </p>
        )}
      </DialogContent>
    </Dialog>
  );
}

function fileItems(paths: readonly string[], choose: (path: string) => void): Item[] {
  return paths.map((path) => ({
    id: path,
    content: (
      <>
        <FileIcon name={nameOf(path)} />
        <span className="shrink-0">{nameOf(path)}</span>
        <span className="truncate text-xs text-muted-foreground">{parentOf(path)}</span>
      </>
    ),
    choose: () => choose(path),
  }));
}

function commandItems(query: string, choose: (command: CommandId) => void): Item[] {
  const words = query.toLowerCase().split(/\s+/);
  return commands
    .filter(({ id, title }) => id !== "palette" && words.every((word) => title.toLowerCase().includes(word)))
    .map(({ id, title, keys }) => ({
      id,
      content: (
        <>
          <span className="flex-1">{title}</span>
          {keys && <Kbd keys={keys} />}
        </>
      ),
      choose: () => choose(id),
    }));
}

type Found = { paths: readonly string[]; asking: boolean; fault: string | null };

/** The files for a query, the recent ones for an empty one. What was found stays until the next answer. */
function useFound(session: WorkspaceSession, query: string | null): Found {
  const { recent } = useStore(session.tabs.tabs);
  const [found, setFound] = useState<Found>({ paths: [], asking: true, fault: null });
  useEffect(() => {
    if (query === null) return;
    let left = false;
    session.connection.request("files.find", { query, limit: 50 }).then(
      ({ paths }) => {
        if (!left) setFound({ paths, asking: false, fault: null });
      },
      (error: unknown) => {
        if (!left) setFound({ paths: [], asking: false, fault: messageOf(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [session, query]);
  if (query === "") {
    return { ...found, paths: [...new Set([...recent.slice(0, 12), ...found.paths])].slice(0, 50) };
  }
  return found;
}
