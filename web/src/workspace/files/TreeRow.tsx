import { ChevronRight, Copy, CopyPlus, Download, FilePlus, FolderPlus, PencilLine, Trash2 } from "lucide-react";
import type { DragEvent } from "react";
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

export type RowAction = "new-file" | "new-folder" | "rename" | "duplicate" | "delete" | "copy-path" | "download";

type TreeRowProps = {
  id: string;
  row: Extract<Row, { kind: "entry" }>;
  selected: boolean;
  /** Something is being dragged over it. */
  target: boolean;
  canEdit: boolean;
  onActivate: (preview: boolean) => void;
  onSelect: () => void;
  onAction: (action: RowAction, path: string) => void;
  onDragStart: (event: DragEvent) => void;
};

export function TreeRow({
  id,
  row,
  selected,
  target,
  canEdit,
  onActivate,
  onSelect,
  onAction,
  onDragStart,
}: TreeRowProps) {
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
            target && "bg-selected outline-1 -outline-offset-1 outline-ring",
            entry.ignored && "text-muted-foreground",
          )}
          style={{ height: rowHeight, paddingLeft: indent(depth) }}
          onClick={() => onActivate(true)}
          onDoubleClick={() => {
            if (!folder) onActivate(false);
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
        {canEdit && folder && (
          <>
            <ContextMenuItem onSelect={act("new-file")}>
              <FilePlus />
              New file
            </ContextMenuItem>
            <ContextMenuItem onSelect={act("new-folder")}>
              <FolderPlus />
              New folder
            </ContextMenuItem>
            <ContextMenuSeparator />
          </>
        )}
        <ContextMenuItem onSelect={act("download")}>
          <Download />
          {folder ? "Download as zip" : "Download"}
        </ContextMenuItem>
        <ContextMenuItem onSelect={act("copy-path")}>
          <Copy />
          Copy path
        </ContextMenuItem>
        {canEdit && (
          <>
            <ContextMenuItem onSelect={act("duplicate")}>
              <CopyPlus />
              Duplicate
            </ContextMenuItem>
            <ContextMenuSeparator />
            <ContextMenuItem keys="F2" onSelect={act("rename")}>
              <PencilLine />
              Rename
            </ContextMenuItem>
            <ContextMenuItem keys="Del" tone="destructive" onSelect={act("delete")}>
              <Trash2 />
              Delete
            </ContextMenuItem>
          </>
        )}
      </ContextMenuContent>
    </ContextMenu>
  );
}
