import {
  ChevronRight,
  ClipboardPaste,
  Copy,
  CopyPlus,
  Download,
  FileArchive,
  FilePlus,
  FolderPlus,
  GitCompareArrows,
  History,
  Link2,
  PackageOpen,
  PencilLine,
  Scissors,
  Trash2,
} from "lucide-react";
import type { DragEvent, MouseEvent } from "react";
import { cn } from "@/components/cn";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "@/components/ui/context-menu";
import { FileIcon } from "./FileIcon";
import { parentOf, type Row } from "./tree";

/** CSS pixels; every line of the tree has it, so that the window can be computed. */
export const rowHeight = 24;

export const indent = (depth: number) => 6 + depth * 12;

export type RowAction =
  | "new-file"
  | "new-folder"
  | "rename"
  | "cut"
  | "copy"
  | "paste"
  | "duplicate"
  | "delete"
  | "copy-path"
  | "download"
  | "unpack"
  | "upload-zip"
  | "compare"
  | "history";

type TreeRowProps = {
  id: string;
  row: Extract<Row, { kind: "entry" }>;
  selected: boolean;
  /** Keys start from it. */
  cursor: boolean;
  /** How many rows are chosen beside it. */
  others: number;
  /** It was cut and waits to be put elsewhere. */
  cut: boolean;
  /** Something is being dragged over it. */
  target: boolean;
  canEdit: boolean;
  canPaste: boolean;
  onClick: (event: MouseEvent) => void;
  onActivate: () => void;
  onSelect: () => void;
  onAction: (action: RowAction, path: string) => void;
  onDragStart: (event: DragEvent) => void;
};

export function TreeRow(props: TreeRowProps) {
  const { id, row, selected, cursor, others, cut, target, canEdit, canPaste } = props;
  const { onClick, onActivate, onSelect, onAction, onDragStart } = props;
  const { path, entry, depth, open, position, count } = row;
  const folder = entry.kind === "folder";
  const act = (action: RowAction) => () => onAction(action, path);
  return (
    <ContextMenu
      onOpenChange={(opens) => {
        if (opens) onSelect();
      }}
    >
      <ContextMenuTrigger asChild>
        <div
          id={id}
          role="treeitem"
          aria-label={entry.name}
          aria-level={depth + 1}
          aria-posinset={position}
          aria-setsize={count}
          aria-selected={selected}
          aria-expanded={folder ? open : undefined}
          title={entry.target ? `${entry.name} → ${entry.target}` : undefined}
          draggable={canEdit}
          data-folder={folder ? path : parentOf(path)}
          className={cn(
            "relative flex items-center gap-1.5 pr-2 whitespace-nowrap select-none hover:bg-accent",
            selected && "bg-selected hover:bg-selected",
            cursor && "group-focus/tree:outline-1 group-focus/tree:-outline-offset-1 group-focus/tree:outline-ring/50",
            cut && "opacity-50",
            target && "bg-selected outline-1 -outline-offset-1 outline-ring",
            entry.ignored && "text-muted-foreground",
          )}
          style={{ height: rowHeight, paddingLeft: indent(depth) }}
          onClick={onClick}
          onDoubleClick={() => {
            if (!folder) onActivate();
          }}
          onDragStart={onDragStart}
        >
          {Array.from({ length: depth }, (_, level) => (
            <span
              key={level}
              aria-hidden
              className="absolute inset-y-0 w-px bg-border opacity-0 transition-opacity group-hover/tree:opacity-100"
              style={{ left: indent(level) + 7 }}
            />
          ))}
          <ChevronRight
            aria-hidden
            className={cn("size-3.5 shrink-0 text-muted-foreground", open && "rotate-90", !folder && "invisible")}
          />
          <FileIcon name={entry.name} kind={entry.kind} open={open} />
          <span className="min-w-0 truncate">{entry.name}</span>
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent onCloseAutoFocus={(event) => event.preventDefault()}>
        {canEdit && folder && others === 0 && (
          <>
            <ContextMenuItem onSelect={act("new-file")}>
              <FilePlus />
              New file
            </ContextMenuItem>
            <ContextMenuItem onSelect={act("new-folder")}>
              <FolderPlus />
              New folder
            </ContextMenuItem>
            <ContextMenuItem onSelect={act("upload-zip")}>
              <FileArchive />
              Unpack a zip here
            </ContextMenuItem>
            <ContextMenuSeparator />
          </>
        )}
        {others === 1 && !folder && (
          <ContextMenuItem onSelect={act("compare")}>
            <GitCompareArrows />
            Compare the two
          </ContextMenuItem>
        )}
        {others === 0 && (
          <ContextMenuItem onSelect={act("download")}>
            <Download />
            {folder ? "Download as zip" : "Download"}
          </ContextMenuItem>
        )}
        {canEdit && others === 0 && /\.zip$/i.test(entry.name) && (
          <ContextMenuItem onSelect={act("unpack")}>
            <PackageOpen />
            Unpack here
          </ContextMenuItem>
        )}
        {others === 0 && (
          <ContextMenuItem onSelect={act("history")}>
            <History />
            Show its history
          </ContextMenuItem>
        )}
        <ContextMenuItem onSelect={act("copy-path")}>
          <Link2 />
          {others > 0 ? "Copy paths" : "Copy path"}
        </ContextMenuItem>
        {canEdit && (
          <>
            <ContextMenuSeparator />
            <ContextMenuItem keys="Ctrl+X" onSelect={act("cut")}>
              <Scissors />
              Cut
            </ContextMenuItem>
            <ContextMenuItem keys="Ctrl+C" onSelect={act("copy")}>
              <Copy />
              Copy
            </ContextMenuItem>
            <ContextMenuItem keys="Ctrl+V" disabled={!canPaste} onSelect={act("paste")}>
              <ClipboardPaste />
              Paste
            </ContextMenuItem>
            <ContextMenuItem onSelect={act("duplicate")}>
              <CopyPlus />
              Duplicate
            </ContextMenuItem>
            <ContextMenuSeparator />
            {others === 0 && (
              <ContextMenuItem keys="F2" onSelect={act("rename")}>
                <PencilLine />
                Rename
              </ContextMenuItem>
            )}
            <ContextMenuItem keys="Del" tone="destructive" onSelect={act("delete")}>
              <Trash2 />
              {others > 0 ? `Delete ${others + 1} files` : "Delete"}
            </ContextMenuItem>
          </>
        )}
      </ContextMenuContent>
    </ContextMenu>
  );
}
