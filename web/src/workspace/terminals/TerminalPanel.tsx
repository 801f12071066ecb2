import { ChevronDown, Play, Plus, SquareTerminal, X } from "lucide-react";
import { Suspense, useEffect, useState, type KeyboardEvent } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { ErrorBoundary } from "@/components/ErrorBoundary";
import { Button } from "@/components/ui/button";
import { ContextMenu, ContextMenuContent, ContextMenuItem, ContextMenuTrigger } from "@/components/ui/context-menu";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type Terminal } from "@/connection";
import { usePreferences } from "@/preferences/preferences";
import { TerminalView } from "@/terminals";
import type { WorkspaceSession } from "../session";
import { exitWords, shownTerminal } from "./shells";

type TerminalPanelProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  /** The terminal that is shown beside the output, and therefore not here. */
  elsewhere: string | null;
  onHere: () => void;
  onHide: (() => void) | null;
};

export default function TerminalPanel({ session, canEdit, elsewhere, onHere, onHide }: TerminalPanelProps) {
  const hello = useStore(session.connection.hello);
  const active = useStore(session.shells.active);
  const { fontSize } = usePreferences();
  const [renaming, setRenaming] = useState<string | null>(null);
  const terminals = hello?.terminals ?? [];
  const shown = shownTerminal(terminals, active);
  const none = hello !== null && terminals.length === 0;

  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  // Whoever shows an empty panel wants a shell in it.
  useEffect(() => {
    if (none && canEdit) session.shells.createFirst();
  }, [none, canEdit, session]);

  const press = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !shown) return;
    const next = terminals[(terminals.indexOf(shown) + step + terminals.length) % terminals.length];
    if (!next) return;
    event.preventDefault();
    session.shells.active.set(next.id);
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };

  return (
    <section aria-label="Terminal" className="flex h-full flex-col bg-terminal">
      <div className="flex h-8 shrink-0 items-stretch border-b bg-sidebar">
        <div
          role="tablist"
          aria-label="Terminals"
          className="flex min-w-0 overflow-x-auto [scrollbar-width:none]"
          onKeyDown={press}
        >
          {terminals.map((terminal) => (
            <TerminalTab
              key={terminal.id}
              terminal={terminal}
              active={terminal.id === shown?.id}
              canEdit={canEdit}
              renaming={renaming === terminal.id}
              onShow={() => session.shells.active.set(terminal.id)}
              onClose={() => tell(session.shells.close(terminal.id))}
              onRename={() => setRenaming(terminal.id)}
              onRenamed={(name) => {
                setRenaming(null);
                if (name !== "" && name !== terminal.name) tell(session.shells.rename(terminal.id, name));
              }}
            />
          ))}
        </div>
        {canEdit && (
          <Tooltip text="New terminal" keys="Ctrl+Shift+`">
            <Button
              variant="ghost"
              size="icon-sm"
              className="m-1"
              aria-label="New terminal"
              disabled={hello === null}
              onClick={() => tell(session.shells.create())}
            >
              <Plus />
            </Button>
          </Tooltip>
        )}
        {onHide && (
          <Tooltip text="Hide the terminal" keys="Ctrl+`">
            <Button
              variant="ghost"
              size="icon-sm"
              className="m-1 ml-auto"
              aria-label="Hide the terminal"
              onClick={onHide}
            >
              <ChevronDown />
            </Button>
          </Tooltip>
        )}
      </div>
      <div className="relative min-h-0 flex-1">
        <ErrorBoundary key={shown?.id ?? ""} what="The terminal">
          {shown !== null && shown.id === elsewhere ? (
            <div className="flex h-full flex-col items-center justify-center gap-3 text-muted-foreground">
              <p>This log is shown beside the output.</p>
              <Button size="sm" onClick={onHere}>
                Show it here
              </Button>
            </div>
          ) : shown ? (
            <Suspense fallback={<TerminalSkeleton />}>
              <TerminalView
                key={shown.id}
                connection={session.connection}
                documents={session.documents}
                terminal={shown.id}
                fontSize={fontSize}
                className="absolute inset-0 pt-1.5 pl-2.5"
              />
            </Suspense>
          ) : none && !canEdit ? (
            <p className="p-4 text-muted-foreground">No terminal is open. A viewer cannot start one.</p>
          ) : (
            <TerminalSkeleton />
          )}
        </ErrorBoundary>
      </div>
    </section>
  );
}

export function TerminalSkeleton() {
  return (
    <div aria-busy aria-label="Loading the terminal" className="p-3">
      <Skeleton className="h-3 w-48" />
    </div>
  );
}

type TerminalTabProps = {
  terminal: Terminal;
  active: boolean;
  canEdit: boolean;
  renaming: boolean;
  onShow: () => void;
  onClose: () => void;
  onRename: () => void;
  onRenamed: (name: string) => void;
};

function TerminalTab({ terminal, active, canEdit, renaming, onShow, onClose, onRename, onRenamed }: TerminalTabProps) {
  const { name, kind, running, code } = terminal;
  const exit = exitWords(terminal);
  const label = kind === "run" ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : name;
  return (
    <ContextMenu>
      <ContextMenuTrigger asChild>
        <div
          role="tab"
          tabIndex={active ? 0 : -1}
          aria-selected={active}
          aria-label={exit ? `${label}, ${exit}` : label}
          title={exit ? `${label}: ${exit}` : label}
          className={cn(
            "group relative flex max-w-52 shrink-0 items-center gap-1.5 pr-1 pl-2.5 text-xs select-none",
            "focus-visible:-outline-offset-2",
            active
              ? "after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-primary"
              : "text-muted-foreground hover:text-foreground",
          )}
          onClick={onShow}
          onDoubleClick={() => canEdit && onRename()}
          onAuxClick={(event) => {
            if (event.button === 1 && canEdit) onClose();
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter" || event.key === " ") onShow();
            if (event.key === "F2" && canEdit) onRename();
            if (event.key === "Delete" && canEdit) onClose();
          }}
        >
          {kind === "run" ? (
            <Play aria-hidden className={cn("size-3", running ? "text-success" : code ? "text-destructive" : "")} />
          ) : (
            <SquareTerminal aria-hidden className="size-3.5" />
          )}
          {renaming ? (
            <input
              autoFocus
              aria-label="Name of the terminal"
              defaultValue={name}
              maxLength={40}
              className="w-24 rounded border border-ring bg-card px-1 outline-none"
              onFocus={(event) => event.target.select()}
              onBlur={(event) => onRenamed(event.target.value.trim())}
              onKeyDown={(event) => {
                event.stopPropagation();
                if (event.key === "Enter") onRenamed(event.currentTarget.value.trim());
                if (event.key === "Escape") onRenamed(name);
              }}
            />
          ) : (
            <span className="truncate">{label}</span>
          )}
          {exit && (
            <span className={cn("shrink-0 text-2xs", code ? "text-destructive" : "text-muted-foreground")}>{exit}</span>
          )}
          {canEdit ? (
            <span
              aria-hidden
              title={`Close ${label}`}
              className="grid size-4.5 place-items-center rounded opacity-0 group-hover:opacity-100 hover:bg-accent
                focus-visible:opacity-100"
              onClick={(event) => {
                event.stopPropagation();
                onClose();
              }}
            >
              <X aria-hidden className="size-3" />
            </span>
          ) : (
            <span className="w-1.5" />
          )}
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent onCloseAutoFocus={(event) => event.preventDefault()}>
        <ContextMenuItem disabled={!canEdit} keys="F2" onSelect={onRename}>
          Rename
        </ContextMenuItem>
        <ContextMenuItem disabled={!canEdit} onSelect={onClose}>
          Close
        </ContextMenuItem>
      </ContextMenuContent>
    </ContextMenu>
  );
}
