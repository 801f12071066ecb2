import { Download, Ellipsis, GitCompareArrows, History as Clock, RotateCcw } from "lucide-react";
import { api } from "@/api/api";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { nameOf, parentOf } from "../files/tree";
import type { WorkspaceSession } from "../session";
import type { Asked } from "./HistoryPane";
import {
  clock,
  counted,
  titleOf,
  whoOf,
  type ChangedFile,
  type Changes,
  type FileChange,
  type Version,
} from "./timeline";

type VersionRowProps = {
  session: WorkspaceSession;
  version: Version;
  /** The file or folder whose history is shown. */
  path: string | null;
  canEdit: boolean;
  onRestore: (asked: Asked) => void;
  onOpened: () => void;
};

/** A version; chosen, it shows the files that it changed. */
export function VersionRow({ session, version, path, canEdit, onRestore, onOpened }: VersionRowProps) {
  const { history } = session;
  const selected = useStore(history.selected);
  const base = useStore(history.base);
  const open = selected?.id === version.id;
  const who = whoOf(version);
  const time = clock(version.time);
  const choose = () => {
    void history.select(version.id).then((changes) => {
      // The history of one file: its change is what one came for.
      const own = path === null ? undefined : changes?.files.find((file) => file.path === path);
      if (changes && own) show(changes, own);
    });
  };
  const show = (changes: Changes, file: ChangedFile) => {
    history.compare(version.id, changes.since, file);
    onOpened();
  };
  return (
    <li className={cn("group/version", open && "bg-selected/50 pb-2")}>
      <div className={cn("relative flex items-start pr-1.5", !open && "hover:bg-accent")}>
        <button
          type="button"
          data-line
          aria-expanded={open}
          className="grid min-w-0 flex-1 gap-0.5 py-1.5 pl-6.5 text-left focus-visible:-outline-offset-2"
          onClick={choose}
        >
          <span className="truncate text-ui">{titleOf(version)}</span>
          <span className="flex min-w-0 items-baseline gap-1.5 text-2xs text-muted-foreground">
            <span className="shrink-0 font-mono tabular-nums">{time}</span>
            {who && <span className="truncate">{who}</span>}
            <Counts version={version} />
          </span>
        </button>
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`More for ${time}`}
              className={cn(
                "mt-1.5 shrink-0 opacity-0 group-focus-within/version:opacity-100 group-hover/version:opacity-100 max-md:opacity-100 data-[state=open]:opacity-100",
                open && "opacity-100",
              )}
            >
              <Ellipsis />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            {canEdit && (
              <>
                {path !== null && (
                  <DropdownMenuItem onSelect={() => onRestore({ version, paths: [path] })}>
                    <RotateCcw />
                    Restore {nameOf(path)}
                  </DropdownMenuItem>
                )}
                <DropdownMenuItem onSelect={() => onRestore({ version, paths: null })}>
                  <RotateCcw />
                  Restore all files
                </DropdownMenuItem>
                <DropdownMenuSeparator />
              </>
            )}
            <DropdownMenuItem onSelect={() => history.compareWith(version)}>
              <GitCompareArrows />
              Compare others with this one
            </DropdownMenuItem>
            <DropdownMenuItem asChild>
              <a href={api.versionArchiveAddress(session.slug, version.id)} download>
                <Download />
                Download as zip
              </a>
            </DropdownMenuItem>
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      {open && (
        <Files
          changes={selected.changes}
          fault={selected.fault}
          title={base ? `Between the two, ${time}` : `Changed at ${time}`}
          canEdit={canEdit}
          onShow={show}
          onHistory={(file) => history.show(file.path)}
          onRestore={(file) => onRestore({ version, paths: [file.path] })}
          onRestoreAll={() => onRestore({ version, paths: null })}
        />
      )}
    </li>
  );
}

type FilesProps = {
  changes: Changes | null;
  fault: string | null;
  title: string;
  canEdit: boolean;
  onShow: (changes: Changes, file: ChangedFile) => void;
  onHistory: (file: ChangedFile) => void;
  onRestore: (file: ChangedFile) => void;
  onRestoreAll: () => void;
};

function Files({ changes, fault, title, canEdit, onShow, onHistory, onRestore, onRestoreAll }: FilesProps) {
  if (fault !== null) {
    return (
      <p role="alert" className="px-6.5 py-1 text-xs text-destructive">
        {fault}
      </p>
    );
  }
  if (!changes) {
    return (
      <div role="group" aria-busy aria-label="Loading the changed files" className="py-2 pl-6.5">
        <Skeleton className="h-3 w-3/5" />
      </div>
    );
  }
  return (
    <>
      <ul aria-label={title}>
        {changes.files.map((file) => (
          <li key={file.path} className="group/file flex items-center pr-1.5 pl-5 hover:bg-accent">
            <button
              type="button"
              data-line
              title={file.path}
              className="flex h-7 min-w-0 flex-1 items-center gap-1.5 pl-1.5 text-left text-xs focus-visible:-outline-offset-2"
              onClick={() => onShow(changes, file)}
            >
              <Mark change={file.change} />
              <span className={cn("max-w-full shrink-0 truncate", file.change === "deleted" && "line-through")}>
                {nameOf(file.path)}
              </span>
              <span className="truncate text-2xs text-muted-foreground">{parentOf(file.path)}</span>
            </button>
            <span className="flex shrink-0 opacity-0 group-focus-within/file:opacity-100 group-hover/file:opacity-100 max-md:opacity-100">
              <Tooltip text="Its history">
                <Button
                  variant="ghost"
                  size="icon-sm"
                  aria-label={`History of ${file.path}`}
                  onClick={() => onHistory(file)}
                >
                  <Clock />
                </Button>
              </Tooltip>
              {canEdit && (
                <Tooltip text="Restore this file as it was then">
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    aria-label={`Restore ${file.path}`}
                    onClick={() => onRestore(file)}
                  >
                    <RotateCcw />
                  </Button>
                </Tooltip>
              )}
            </span>
          </li>
        ))}
      </ul>
      {changes.total > changes.files.length && (
        <p className="px-6.5 py-1 text-2xs text-muted-foreground">
          and {counted(changes.total - changes.files.length)} more
        </p>
      )}
      {changes.total === 0 && <p className="px-6.5 py-1 text-xs text-muted-foreground">No file is different.</p>}
      {canEdit && (
        <Button size="xs" className="mt-1 ml-6.5" onClick={onRestoreAll}>
          <RotateCcw className="size-3.5" />
          Restore all files
        </Button>
      )}
    </>
  );
}

const marks: Record<FileChange, { letter: string; name: string; color: string }> = {
  added: { letter: "A", name: "added", color: "text-success" },
  changed: { letter: "M", name: "changed", color: "text-warning" },
  deleted: { letter: "D", name: "deleted", color: "text-destructive" },
};

function Mark({ change }: { change: FileChange }) {
  const { letter, name, color } = marks[change];
  return (
    <span className={cn("w-3 shrink-0 text-center font-mono text-2xs font-semibold", color)} title={name}>
      <span aria-hidden>{letter}</span>
      <span className="sr-only">{name}: </span>
    </span>
  );
}

/** How many files, where the title does not say it. */
function Counts({ version: { added, changed, deleted } }: { version: Version }) {
  if (added + changed + deleted <= 1) return null;
  return (
    <span aria-hidden className="ml-auto flex shrink-0 gap-1 font-mono">
      {added > 0 && <span className="text-success">+{added}</span>}
      {changed > 0 && <span className="text-warning">~{changed}</span>}
      {deleted > 0 && <span className="text-destructive">−{deleted}</span>}
    </span>
  );
}
