import {
  useEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  type MouseEvent,
} from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { useStore } from "@/connection";
import { cn } from "@/components/cn";
import { Skeleton } from "@/components/ui/skeleton";
import { compareFiles } from "../compare/compare";
import { useOffers } from "../offers";
import type { WorkspaceSession } from "../session";
import { counted } from "./actions";
import { download } from "./download";
import { NameField } from "./NameField";
import { only, ranged, toggled, type Selection } from "./selection";
import { startingText } from "./startingText";
import { indent, rowHeight, TreeRow, type RowAction } from "./TreeRow";
import { join, nameOf, parentOf, rows, type Row } from "./tree";
import { useWindow } from "./useWindow";

/** A name being typed: for something new in a folder, or for something that is there. */
export type Naming = { kind: "file" | "folder"; folder: string } | { kind: "rename"; path: string };

type FileTreeProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  selection: Selection;
  onSelection: (selection: Selection) => void;
  naming: Naming | null;
  onNaming: (naming: Naming | null) => void;
  onOpened: () => void;
  /** The history of a file or folder is asked for. */
  onHistory: (path: string) => void;
  /** Files came from this machine, to be put into a folder. */
  onFiles: (folder: string, data: DataTransfer) => void;
  /** A zip is wanted from this machine, to be unpacked into a folder. */
  onZip: (folder: string) => void;
};

type Line = Row | { kind: "naming"; path: string; depth: number };

/** How long something is held over a closed folder before it opens. Milliseconds. */
/** Pixels from the left of a row to the menu that a key opens. */
const menuIndent = 24;

const openAfter = 600;

export function FileTree(props: FileTreeProps) {
  const { session, canEdit, selection, onSelection, naming, onNaming, onOpened, onHistory, onFiles, onZip } = props;
  const { files, fileActions, tabs } = session;
  const tree = useStore(files.tree);
  const { active } = useStore(tabs.tabs);
  const clipboard = useStore(fileActions.clipboard);
  const [removing, setRemoving] = useState<readonly string[] | null>(null);
  const [target, setTarget] = useState<string | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const chosenByHand = useRef(0);
  const opening = useRef<{ folder: string; timer: number } | null>(null);
  const lines = withNaming(rows(tree), naming);
  const { first, last } = useWindow(scroller, rowHeight, lines.length);
  const { cursor } = selection;
  const index = lines.findIndex((line) => line.kind === "entry" && line.path === cursor);
  const visible = () => lines.filter((line) => line.kind === "entry").map(({ path }) => path);

  // The file that is shown in the editor is the one that is marked here.
  useEffect(() => {
    if (active === null) return;
    files.reveal(active);
    onSelection(only(active));
  }, [active, files, onSelection]);

  useEffect(() => {
    if (index < 0) return;
    scrollTo(scroller.current, index);
  }, [index]);

  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  const select = (chosen: Selection) => {
    chosenByHand.current++;
    onSelection(chosen);
  };
  /** Chooses what is being made, once it is there, unless something else was chosen by hand meanwhile. */
  const choose = (making: Promise<readonly string[]>) => {
    const before = chosenByHand.current;
    tell(
      making.then((made) => {
        const [one] = made;
        if (one === undefined || chosenByHand.current !== before) return;
        onSelection({ paths: new Set(made), cursor: one, anchor: one });
      }),
    );
  };
  const activate = (row: Extract<Row, { kind: "entry" }>, preview: boolean) => {
    select(only(row.path));
    if (row.entry.kind === "folder") {
      files.toggle(row.path);
      return;
    }
    tabs.open(row.path, { preview });
    onOpened();
  };
  const click = (event: MouseEvent, row: Extract<Row, { kind: "entry" }>) => {
    if (event.shiftKey) select(ranged(selection, row.path, visible()));
    else if (event.ctrlKey || event.metaKey) select(toggled(selection, row.path));
    else activate(row, true);
  };
  /** What an action on a row is about: all that is chosen, when the row is. */
  const about = (path: string) => (selection.paths.has(path) ? [...selection.paths] : [path]);
  const folderOf = (path: string) => (files.entry(path)?.kind === "folder" ? path : parentOf(path));
  const remove = (paths: readonly string[]) =>
    tell(
      fileActions.remove(paths).then((tooLarge) => {
        if (tooLarge.length > 0) setRemoving(tooLarge);
      }),
    );
  const act = (action: RowAction, path: string) => {
    const make = (kind: "file" | "folder") => {
      files.toggle(path, true);
      onNaming({ kind, folder: path });
    };
    const does: Record<RowAction, () => void> = {
      "new-file": () => make("file"),
      "new-folder": () => make("folder"),
      rename: () => onNaming({ kind: "rename", path }),
      cut: () => fileActions.cut(about(path)),
      copy: () => fileActions.copy(about(path)),
      paste: () => choose(fileActions.paste(folderOf(path))),
      duplicate: () => choose(fileActions.duplicate(about(path))),
      delete: () => remove(about(path)),
      "copy-path": () =>
        tell(
          navigator.clipboard.writeText(about(path).join("\n")).then(() => {
            toast.success("Path copied");
          }),
        ),
      download: () => tell(download(() => session.ticket(), path)),
      unpack: () =>
        tell(
          files.unpack(path, parentOf(path)).then((count) => {
            toast.success(`Unpacked ${count} ${count === 1 ? "file" : "files"}`);
          }),
        ),
      "upload-zip": () => onZip(path),
      compare: () => {
        const [left, right] = about(path);
        if (left !== undefined && right !== undefined) session.diff.set(compareFiles(session, left, right));
        onOpened();
      },
      history: () => onHistory(path),
    };
    does[action]();
  };
  /** What the palette does is about the row that keys start from, or else the file that is edited. */
  const onChosen = (action: RowAction) => {
    const path = cursor ?? active;
    if (path === null) toast.info("Choose a file first.");
    else act(action, path);
  };
  useOffers(session.offers, {
    "cut-files": () => onChosen("cut"),
    "copy-files": () => onChosen("copy"),
    "paste-files": () => (clipboard === null ? toast.info("Cut or copy files first.") : onChosen("paste")),
    "duplicate-files": () => onChosen("duplicate"),
    "rename-file": () => onChosen("rename"),
    "delete-files": () => onChosen("delete"),
    "copy-path": () => onChosen("copy-path"),
    "download-file": () => onChosen("download"),
    "unpack-zip": () => (/\.zip$/i.test(cursor ?? "") ? onChosen("unpack") : toast.info("Choose a zip first.")),
    "compare-files": () => (selection.paths.size === 2 ? onChosen("compare") : toast.info("Choose two files first.")),
  });
  const named = (typed: string) => {
    if (!naming) return;
    onNaming(null);
    scroller.current?.focus({ preventScroll: true });
    if (naming.kind === "rename") {
      tell(fileActions.rename(naming.path, join(parentOf(naming.path), typed)));
      return;
    }
    const path = join(naming.folder, typed);
    tell(
      files.create(path, naming.kind, naming.kind === "file" ? startingText(path) : "").then(() => {
        onSelection(only(path));
        if (naming.kind === "file") tabs.open(path);
      }),
    );
  };

  // The tree has the focus, not the row, so a browser would ask for the menu of the tree.
  const openMenu = (at: number) => {
    const row = document.getElementById(`file-${at}`);
    if (row === null) return;
    const { left, bottom } = row.getBoundingClientRect();
    const place = { clientX: left + menuIndent, clientY: bottom };
    row.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, ...place }));
  };

  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const row = lines[index];
    const entry = row?.kind === "entry" ? row : null;
    const go = (from: number, step: number) => {
      for (let at = from; at >= 0 && at < lines.length; at += step) {
        const line = lines[at];
        if (line?.kind === "entry") {
          select(event.shiftKey ? ranged(selection, line.path, visible()) : only(line.path));
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
        else if (entry && parentOf(entry.path) !== "") select(only(parentOf(entry.path)));
      },
      Enter: () => entry && activate(entry, false),
      " ": () => entry && activate(entry, true),
      F2: () => entry && canEdit && act("rename", entry.path),
      ContextMenu: () => openMenu(index),
      F10: () => event.shiftKey && openMenu(index),
      Delete: () => canEdit && selection.paths.size > 0 && remove([...selection.paths]),
      Escape: () => {
        fileActions.clipboard.set(null);
        select(only(cursor));
      },
    };
    const withMain: Record<string, () => void> = {
      a: () => select({ paths: new Set(visible()), cursor, anchor: cursor }),
      c: () => fileActions.copy(selection.paths),
      x: () => canEdit && fileActions.cut(selection.paths),
      z: () => canEdit && tell(fileActions.undo()),
      // Without anything of our own the browser's paste may bring files of this machine.
      ...(clipboard !== null && {
        v: () => canEdit && choose(fileActions.paste(cursor === null ? "" : folderOf(cursor))),
      }),
      " ": () => entry && select(toggled(selection, entry.path)),
    };
    if (event.altKey) return;
    const main = event.ctrlKey || event.metaKey;
    const does = main ? (event.shiftKey ? undefined : withMain[event.key.toLowerCase()]) : keys[event.key];
    if (does) {
      event.preventDefault();
      does();
      return;
    }
    if (event.key.length === 1 && !main) {
      const letter = event.key.toLowerCase();
      const order = [...lines.slice(index + 1), ...lines.slice(0, index + 1)];
      const found = order.find((line) => line.kind === "entry" && nameOf(line.path).toLowerCase().startsWith(letter));
      if (found) select(only(found.path));
    }
  };
  const paste = (event: ClipboardEvent) => {
    if (!canEdit || event.target !== event.currentTarget) return;
    event.preventDefault();
    if (event.clipboardData.files.length > 0) onFiles(cursor === null ? "" : folderOf(cursor), event.clipboardData);
  };

  const leave = () => {
    if (opening.current) clearTimeout(opening.current.timer);
    opening.current = null;
    setTarget(null);
  };
  const dragOver = (event: DragEvent) => {
    const own = event.dataTransfer.types.includes(dragType);
    if (!canEdit || (!own && !event.dataTransfer.types.includes("Files"))) return;
    event.preventDefault();
    const folder = (event.target as HTMLElement).closest<HTMLElement>("[data-folder]")?.dataset.folder ?? "";
    event.dataTransfer.dropEffect = own && !copies(event) ? "move" : "copy";
    setTarget(folder);
    if (opening.current?.folder === folder) return;
    if (opening.current) clearTimeout(opening.current.timer);
    const timer = window.setTimeout(() => folder !== "" && files.toggle(folder, true), openAfter);
    opening.current = { folder, timer };
  };
  const drop = (event: DragEvent) => {
    const into = target ?? "";
    leave();
    if (!canEdit) return;
    event.preventDefault();
    if (!event.dataTransfer.types.includes(dragType)) {
      onFiles(into, event.dataTransfer);
      return;
    }
    const from = JSON.parse(event.dataTransfer.getData(dragType)) as string[];
    const fit = from.filter((path) => into !== path && !into.startsWith(`${path}/`));
    choose(copies(event) ? fileActions.copyInto(fit, into) : fileActions.move(fit, into));
  };

  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Files"
      aria-multiselectable
      tabIndex={0}
      aria-activedescendant={index >= first && index < last ? `file-${index}` : undefined}
      className={cn(
        "group/tree relative min-h-0 flex-1 overflow-auto pb-6 outline-none",
        "focus-visible:shadow-[inset_0_0_0_1px_var(--ring)]",
        target === "" && "bg-selected/40 shadow-[inset_0_0_0_1px_var(--ring)]",
      )}
      data-folder=""
      onKeyDown={press}
      onPaste={paste}
      onDragOver={dragOver}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) leave();
      }}
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
            selected={selection.paths.has(line.path)}
            cursor={line.path === cursor}
            others={selection.paths.has(line.path) ? selection.paths.size - 1 : 0}
            cut={clipboard?.cut === true && clipboard.paths.includes(line.path)}
            target={target !== null && target !== "" && target === line.path}
            canEdit={canEdit}
            canPaste={clipboard !== null}
            onClick={(event) => click(event, line)}
            onActivate={() => activate(line, false)}
            onSelect={() => {
              if (!selection.paths.has(line.path)) select(only(line.path));
            }}
            onAction={act}
            onDragStart={(event) => {
              event.dataTransfer.setData(dragType, JSON.stringify(about(line.path)));
              event.dataTransfer.effectAllowed = "copyMove";
            }}
          />
        );
      })}
      <div style={{ height: Math.max(0, lines.length - last) * rowHeight }} />
      {removing !== null && (
        <ConfirmDialog
          title={`Delete ${counted(removing)} for good?`}
          description="It is larger than what the trash keeps: this cannot be undone."
          action="Delete"
          onConfirm={() => tell(fileActions.removeForever(removing))}
          onClose={() => setRemoving(null)}
        />
      )}
    </div>
  );
}

/** Held with Ctrl (on a Mac Alt), a drag copies. */
const copies = (event: DragEvent) => event.ctrlKey || event.altKey;

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
