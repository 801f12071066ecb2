import { Bell, Play, SquareTerminal, X } from "lucide-react";
import { cn } from "@/components/cn";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "@/components/ui/context-menu";
import type { Terminal } from "@/connection";
import { exitWords } from "./shells";

export type TerminalTabProps = {
  terminal: Terminal;
  active: boolean;
  /** It stands beside the one that is shown. */
  besideActive: boolean;
  /** It shares its row with others. */
  split: boolean;
  rung: boolean;
  canEdit: boolean;
  renaming: boolean;
  onShow: () => void;
  onClose: () => void;
  onSplit: () => void;
  onUnsplit: () => void;
  onRename: () => void;
  onRenamed: (name: string) => void;
};

export function TerminalTab(props: TerminalTabProps) {
  const { terminal, active, besideActive, split, rung, canEdit, renaming } = props;
  const { onShow, onClose, onSplit, onUnsplit, onRename, onRenamed } = props;
  const { name, kind, running, code } = terminal;
  const exit = exitWords(terminal);
  const label = kind === "run" ? `${name.charAt(0).toUpperCase()}${name.slice(1)}` : name;
  const said = [label, exit, rung ? "bell" : ""].filter((part) => part !== "").join(", ");
  return (
    <ContextMenu>
      <ContextMenuTrigger asChild>
        <div
          role="tab"
          tabIndex={active ? 0 : -1}
          aria-selected={active}
          aria-label={said}
          title={exit ? `${label}: ${exit}` : label}
          className={cn(
            "group relative flex max-w-52 shrink-0 items-center gap-1.5 pr-1 pl-2.5 text-xs select-none",
            "focus-visible:-outline-offset-2",
            active
              ? "after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-primary"
              : besideActive
                ? "after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:bg-input"
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
          {rung ? (
            <Bell aria-hidden className="size-3 text-warning" />
          ) : kind === "run" ? (
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
        <ContextMenuItem disabled={!canEdit} keys="Ctrl+Shift+5" onSelect={onSplit}>
          Split
        </ContextMenuItem>
        <ContextMenuItem disabled={!split} onSelect={onUnsplit}>
          Give it the whole width
        </ContextMenuItem>
        <ContextMenuSeparator />
        <ContextMenuItem disabled={!canEdit} onSelect={onClose}>
          Close
        </ContextMenuItem>
      </ContextMenuContent>
    </ContextMenu>
  );
}
