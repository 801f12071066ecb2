import { useEffect, useRef, useState, type DragEvent, type KeyboardEvent } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { useStore } from "@/connection";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/ui/skeleton";
import type { WorkspaceSession } from "../session";
import { download } from "./download";
import { NameField } from "./NameField";
import { indent, rowHeight, TreeRow, type RowAction } from "./TreeRow";
import { join, nameOf, parentOf, rows, type Row } from "./tree";
import { useWindow } from "./useWindow";

/** A name being typed: for something new in a folder, or for something that is there. */
export type Naming = { kind: "file" | "folder"; folder: string } | { kind: "rename"; path: string };

type FileTreeProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  selected: string | null;
  onSelect: (path: string | null) => void;
  naming: Naming | null;
  onNaming: (naming: Naming | null) => void;
  onOpened: () => void;
};

type Line = Row | { kind: "naming"; path: string; depth: number };

export function FileTree({ session, canEdit, selected, onSelect, naming, onNaming, onOpened }: FileTreeProps) {
  const { files, tabs } = session;
  const tree = useStore(files.tree);
  const { active } = useStore(tabs.tabs);
  const [removing, setRemoving] = useState<string | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const lines = withNaming(rows(tree), naming);
  const { first, last } = useWindow(scroller, rowHeight, lines.length);
  const index = lines.findIndex((line) => line.kind === "entry" && line.path === selected);

  // The file that is shown in the editor is the one that is marked here.
  useEffect(() => {
    if (active === null) return;
    files.reveal(active);
    onSelect(active);
  }, [active, files, onSelect]);

  useEffect(() => {
    if (index < 0) return;
    scrollTo(scroller.current, index);
  }, [index]);

  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  const activate = (row: Extract<Row, { kind: "entry" }>, preview: boolean) => {
    onSelect(row.path);
    if (row.entry.kind === "folder") {
      files.toggle(row.path);
      return;
    }
    tabs.open(row.path, { preview });
    onOpened();
  };
  const move = (from: string, to: string) => {
    if (from === to) return;
    tell(files.move(from, to).then(() => tabs.moved(from, to)));
  };
  const act = (action: RowAction, path: string) => {
    const folder = action.startsWith("new-") ? path : parentOf(path);
    switch (action) {
      case "new-file":
      case "new-folder":
        files.toggle(folder, true);
        {
          onNaming({ kind: action === "new-file" ? "file" : "folder", folder });
          return;
        }
      case "rename": {
        onNaming({ kind: "rename", path });
        return;
      }
      case "duplicate": {
        tell(files.copy(path, copyName(path)));
        return;
      }
      case "delete": {
        setRemoving(path);
        return;
      }
      case "copy-path": {
        tell(navigator.clipboard.writeText(path).then(() => toast.success("Path copied")));
        return;
      }
      case "download": {
        tell(download(() => session.ticket(), path));
        return;
      }
    }
  };
  const named = (typed: string) => {
    if (!naming) return;
    onNaming(null);
    scroller.current?.focus({ preventScroll: true });
    if (naming.kind === "rename") {
      move(naming.path, join(parentOf(naming.path), typed));
      return;
    }
    const path = join(naming.folder, typed);
    tell(
      files.create(path, naming.kind).then(() => {
        onSelect(path);
        if (naming.kind === "file") tabs.open(path);
      }),
    );
  };

  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const row = lines[index];
    const entry = row?.kind === "entry" ? row : null;
    const go = (from: number, step: number) => {
      for (let at = from; at >= 0 && at < lines.length; at += step) {
        const line = lines[at];
        if (line?.kind === "entry") {
          onSelect(line.path);
          return;
        }
      }
    };
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(index + 1, 1),
      ArrowUp: () => go(index < 0 ? lines.length - 1 : index - 1, -1),
      Home: () => go(0, 1),
      End: () => go(lines.length - 1, -1),
      PageDown: () => go(Math.min(lines.length - 1, index + 15), -1),
      PageUp: () => go(Math.max(0, index - 15), 1),
      ArrowRight: () => {
        if (entry?.entry.kind !== "folder") return;
        if (entry.open) go(index + 1, 1);
        else files.toggle(entry.path, true);
      },
      ArrowLeft: () => {
        if (entry?.open) files.toggle(entry.path, false);
        else if (entry && parentOf(entry.path) !== "") onSelect(parentOf(entry.path));
      },
      Enter: () => entry && activate(entry, false),
      " ": () => entry && activate(entry, true),
      F2: () => entry && canEdit && act("rename", entry.path),
      Delete: () => entry && canEdit && act("delete", entry.path),
    };
    const does = keys[event.key];
    if (does && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      does();
      return;
    }
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const letter = event.key.toLowerCase();
      const order = [...lines.slice(index + 1), ...lines.slice(0, index + 1)];
      const found = order.find((line) => line.kind === "entry" && nameOf(line.path).toLowerCase().startsWith(letter));
      if (found) onSelect(found.path);
    }
  };

  const dragOver = (event: DragEvent) => {
    if (!canEdit || !event.dataTransfer.types.includes(dragType)) return;
    event.preventDefault();
    const folder = (event.target as HTMLElement).closest<HTMLElement>("[data-folder]")?.dataset.folder ?? "";
    event.dataTransfer.dropEffect = "move";
    setTarget(folder);
  };
  const drop = (event: DragEvent) => {
    const from = event.dataTransfer.getData(dragType);
    if (from === "" || target === null) return;
    event.preventDefault();
    setTarget(null);
    if (target === from || target.startsWith(`${from}/`)) return;
    move(from, join(target, nameOf(from)));
  };

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Files"
      tabIndex={0}
      aria-activedescendant={index >= first && index < last ? `file-${index}` : undefined}
      className={cn(
        "group/tree relative min-h-0 flex-1 overflow-auto pb-6 outline-none",
        "focus-visible:shadow-[inset_0_0_0_1px_var(--ring)]",
        target === "" && "bg-selected/40",
      )}
      data-folder=""
      onKeyDown={press}
      onDragOver={dragOver}
      onDragLeave={() => setTarget(null)}
      onDrop={drop}
    >
      <div style={{ height: first * rowHeight }} />
      {lines.slice(first, last).map((line, offset) => {
        if (line.kind === "naming") {
          return (
            <NameField
              key="naming"
              depth={line.depth}
              kind={naming?.kind === "folder" ? "folder" : "file"}
              initial={naming?.kind === "rename" ? nameOf(naming.path) : ""}
              onDone={named}
              onCancel={() => {
                onNaming(null);
                scroller.current?.focus({ preventScroll: true });
              }}
            />
          );
        }
        if (line.kind === "note") return <Note key={`note-${line.path}-${line.text}`} {...line} />;
        return (
          <TreeRow
            key={line.path}
            id={`file-${first + offset}`}
            row={line}
            selected={line.path === selected}
            target={target !== "" && target === line.path}
            canEdit={canEdit}
            onActivate={(preview) => activate(line, preview)}
            onSelect={() => onSelect(line.path)}
            onAction={act}
            onDragStart={(event) => {
              event.dataTransfer.setData(dragType, line.path);
              event.dataTransfer.effectAllowed = "move";
            }}
          />
        );
      })}
      <div style={{ height: Math.max(0, lines.length - last) * rowHeight }} />
      {removing !== null && (
        <ConfirmDialog
          title={`Delete ${nameOf(removing)}?`}
          description="It is removed from the workspace, a folder with all that is in it."
          action="Delete"
          onConfirm={() => tell(files.remove(removing))}
          onClose={() => setRemoving(null)}
        />
      )}
    </div>
  );
}

const dragType = "application/x-dropit-path";

function Note({ depth, tone, text }: Extract<Row, { kind: "note" }>) {
  return (
    <div
      className={cn(
        "flex items-center truncate pr-2 text-xs",
        tone === "failed" ? "text-destructive" : "text-muted-foreground",
      )}
      style={{ height: rowHeight, paddingLeft: indent(depth) + 20 }}
      title={text}
    >
      {tone === "loading" ? <Skeleton className="h-2.5 w-24" /> : text}
    </div>
  );
}

/** Puts the name field where the new name will be. */
function withNaming(all: Row[], naming: Naming | null): Line[] {
  if (!naming) return all;
  if (naming.kind === "rename") {
    return all.map((row) =>
      row.kind === "entry" && row.path === naming.path ? { kind: "naming", path: row.path, depth: row.depth } : row,
    );
  }
  const at = all.findIndex((row) => row.kind === "entry" && row.path === naming.folder);
  const parent = all[at];
  const field: Line = { kind: "naming", path: naming.folder, depth: parent ? parent.depth + 1 : 0 };
  return [...all.slice(0, at + 1), field, ...all.slice(at + 1)];
}

function scrollTo(element: HTMLElement | null, index: number): void {
  if (!element) return;
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + rowHeight - element.clientHeight;
  }
}

/** "a copy.ts" beside "a.ts". */
function copyName(path: string): string {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  const copy = dot > 0 ? `${name.slice(0, dot)} copy${name.slice(dot)}` : `${name} copy`;
  return join(parentOf(path), copy);
}
