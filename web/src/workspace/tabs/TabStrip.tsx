import { X } from "lucide-react";
import { useEffect, useRef, type KeyboardEvent } from "react";
import { cn } from "@/components/cn";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "@/components/ui/context-menu";
import { useStore, Value } from "@/connection";
import type { DocumentState } from "@/documents";
import { FileIcon } from "../files/FileIcon";
import { nameOf } from "../files/tree";
import { compareWithDisk, compareWithKept } from "../compare/compare";
import type { WorkspaceSession } from "../session";
import { SaveMark, saveOf, saveWords } from "./SaveMark";
import { hint, neighbour } from "./tabs";

/** The tabs of the open files. */
export function TabStrip({ session, onHistory }: { session: WorkspaceSession; onHistory: (path: string) => void }) {
  const files = session.tabs;
  const tabs = useStore(files.tabs);
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    strip.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [tabs.active]);
  const press = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const next = step ? neighbour(tabs, step) : null;
    if (next !== null) {
      event.preventDefault();
      files.open(next, { preview: tabs.preview === next });
      requestAnimationFrame(() => strip.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
    }
    if (event.key === "Delete" && tabs.active !== null) files.closeTab(tabs.active);
  };
  return (
    <div
      ref={strip}
      role="tablist"
      aria-label="Open files"
      className="flex h-9 shrink-0 overflow-x-auto overflow-y-hidden bg-sidebar [scrollbar-width:none]"
      onKeyDown={press}
    >
      {tabs.paths.map((path) => (
        <Tab
          key={path}
          session={session}
          path={path}
          hint={hint(tabs.paths, path)}
          active={path === tabs.active}
          preview={path === tabs.preview}
          onHistory={onHistory}
        />
      ))}
      <div aria-hidden className="min-w-4 flex-1 border-b" />
    </div>
  );
}

const noDocument = new Value<DocumentState>({ kind: "loading" });

type TabProps = {
  session: WorkspaceSession;
  path: string;
  hint: string;
  active: boolean;
  preview: boolean;
  onHistory: (path: string) => void;
};

function Tab({ session, path, hint, active, preview, onHistory }: TabProps) {
  const files = session.tabs;
  const state = useStore(files.openedDocument(path)?.state ?? noDocument);
  const save = saveOf(state);
  const name = nameOf(path);
  // Whoever works on a file means to keep it open. Not saved alone is no work: a file that was just opened is so for a moment.
  const typed = state.kind === "ready" && state.unsent > 0;
  useEffect(() => {
    if (typed && preview) files.pin(path);
  }, [typed, preview, files, path]);
  return (
    <ContextMenu>
      <ContextMenuTrigger asChild>
        <div
          role="tab"
          tabIndex={active ? 0 : -1}
          aria-selected={active}
          aria-label={`${name}${hint && `, in ${hint}`}${save && `, ${saveWords[save].name}`}`}
          title={path}
          className={cn(
            "group relative flex max-w-56 shrink-0 items-center gap-1.5 border-r border-b pr-1.5 pl-2.5 select-none",
            "focus-visible:-outline-offset-2",
            active
              ? "border-b-transparent bg-editor before:absolute before:inset-x-0 before:top-0 before:h-0.5 before:bg-primary"
              : "text-muted-foreground hover:bg-accent/60 hover:text-foreground",
          )}
          onMouseDown={(event) => {
            // The middle button would start scrolling.
            if (event.button === 1) event.preventDefault();
          }}
          onClick={() => files.open(path, { preview })}
          onDoubleClick={() => files.pin(path)}
          onAuxClick={(event) => {
            if (event.button === 1) files.closeTab(path);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") files.open(path);
          }}
        >
          <FileIcon name={name} />
          <span className={cn("truncate", preview && "italic", state.kind === "gone" && "line-through")}>{name}</span>
          {hint && <span className="truncate text-2xs text-muted-foreground">{hint}</span>}
          <SaveMark save={save} />
          <span
            aria-hidden
            title={`Close ${name}`}
            className={cn(
              "grid size-5 place-items-center rounded hover:bg-accent",
              !active && "opacity-0 group-hover:opacity-100 focus-visible:opacity-100",
            )}
            onClick={(event) => {
              event.stopPropagation();
              files.closeTab(path);
            }}
          >
            <X aria-hidden className="size-3.5" />
          </span>
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent>
        <ContextMenuItem keys="Alt+W" onSelect={() => files.closeTab(path)}>
          Close
        </ContextMenuItem>
        <ContextMenuItem onSelect={() => files.closeOthers(path)}>Close the others</ContextMenuItem>
        <ContextMenuItem onSelect={() => files.closeAll()}>Close all</ContextMenuItem>
        <ContextMenuSeparator />
        <ContextMenuItem onSelect={() => session.diff.set(compareWithDisk(session, path))}>
          Compare with the file on disk
        </ContextMenuItem>
        <ContextMenuItem onSelect={() => session.diff.set(compareWithKept(session, path))}>
          Compare with the last kept version
        </ContextMenuItem>
        <ContextMenuItem onSelect={() => onHistory(path)}>Show its history</ContextMenuItem>
        <ContextMenuSeparator />
        <ContextMenuItem onSelect={() => void navigator.clipboard.writeText(path)}>Copy path</ContextMenuItem>
      </ContextMenuContent>
    </ContextMenu>
  );
}
