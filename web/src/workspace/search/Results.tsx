import { ChevronRight, Replace, X } from "lucide-react";
import { useRef, useState, type KeyboardEvent } from "react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import type { FileMatches, ReplaceResult, SearchMatch } from "@/connection";
import { FileIcon } from "../files/FileIcon";
import { nameOf, parentOf } from "../files/tree";
import { useWindow } from "../files/useWindow";
import type { WorkspaceSession } from "../session";
import { partsOf, rowsOf, type Found, type Row } from "./found";
import type { Form } from "./search";

const rowHeight = 24;

type ResultsProps = {
  session: WorkspaceSession;
  found: Found;
  /** Shows what each match becomes. */
  replacing: boolean;
  form: Form;
  onOpened: () => void;
  onTell: (done: Promise<ReplaceResult>, words: (result: ReplaceResult) => string) => void;
};

/** What was found, by file. Only the rows that can be seen are drawn. */
export function Results({ session, found, replacing, form, onOpened, onTell }: ResultsProps) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [index, setIndex] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = rowsOf(found, closed);
  const at = Math.min(index, rows.length - 1);
  const { first, last } = useWindow(scroller, rowHeight, rows.length);
  const { search, tabs } = session;

  const toggle = (path: string, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(path);
    else next.add(path);
    setClosed(next);
  };
  const open = (row: Row, keep: boolean) => {
    if (row.kind === "file") {
      toggle(row.file.path, closed.has(row.file.path));
      return;
    }
    const { line, column, length } = row.match;
    tabs.open(row.file.path, { preview: !keep, at: { line, column, length, focus: keep } });
    if (keep) onOpened();
  };
  const dismiss = (row: Row) => search.dismiss(row.file.path, row.kind === "match" ? row.match : undefined);
  const replace = (row: Row) => {
    if (replacing)
      onTell(
        search.replace(row.file.path, row.kind === "match" ? row.match : undefined),
        ({ matches }) => `${matches === 1 ? "1 match" : `${matches} matches`} replaced in ${nameOf(row.file.path)}.`,
      );
  };
  const go = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setIndex(next);
    scrollTo(scroller.current, next);
  };
  const press = (event: KeyboardEvent) => {
    const row = rows[at];
    if (event.target !== event.currentTarget || !row || event.ctrlKey || event.metaKey || event.altKey) return;
    const isClosed = closed.has(row.file.path);
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(at + 1),
      ArrowUp: () => go(at - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      PageDown: () => go(at + 15),
      PageUp: () => go(at - 15),
      ArrowRight: () => (row.kind === "file" && isClosed ? toggle(row.file.path, true) : go(at + 1)),
      ArrowLeft: () => {
        if (row.kind === "file") toggle(row.file.path, false);
        else go(rows.findIndex((one) => one.kind === "file" && one.file.path === row.file.path));
      },
      Enter: () => (event.shiftKey ? replace(row) : open(row, true)),
      " ": () => open(row, false),
      Delete: () => dismiss(row),
    };
    const does = keys[event.key];
    if (!does) return;
    event.preventDefault();
    does();
  };
  return (
    <div
      ref={scroller}
      role="tree"
      aria-label="Search results"
      tabIndex={0}
      aria-activedescendant={at >= first && at < last ? `found-${at}` : undefined}
      className="group/results min-h-0 flex-1 overflow-auto pb-4 outline-none
        focus-visible:shadow-[inset_0_0_0_1px_var(--ring)]"
      onKeyDown={press}
    >
      <div role="presentation" style={{ height: first * rowHeight }} />
      {rows.slice(first, last).map((row, offset) => {
        const position = first + offset;
        return (
          <ResultRow
            key={row.kind === "file" ? row.file.path : `${row.file.path}:${row.match.line}:${row.match.column}`}
            id={`found-${position}`}
            row={row}
            open={!closed.has(row.file.path)}
            selected={position === at}
            form={form}
            replacing={replacing}
            onOpen={(keep) => {
              setIndex(position);
              open(row, keep);
            }}
            onDismiss={() => dismiss(row)}
            onReplace={() => replace(row)}
          />
        );
      })}
      <div role="presentation" style={{ height: Math.max(0, rows.length - last) * rowHeight }} />
    </div>
  );
}

type ResultRowProps = {
  id: string;
  row: Row;
  open: boolean;
  selected: boolean;
  form: Form;
  replacing: boolean;
  onOpen: (keep: boolean) => void;
  onDismiss: () => void;
  onReplace: () => void;
};

function ResultRow({ id, row, open, selected, form, replacing, onOpen, onDismiss, onReplace }: ResultRowProps) {
  const { file } = row;
  const what = row.kind === "file" ? nameOf(file.path) : `line ${row.match.line}`;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={row.kind === "file" ? 1 : 2}
      aria-selected={selected}
      {...(row.kind === "file" && { "aria-expanded": open })}
      className={cn(
        "group/row flex cursor-default items-center gap-1.5 pr-1 whitespace-pre hover:bg-accent/60",
        row.kind === "file" ? "pl-2" : "pl-8",
        selected && "bg-accent group-focus-visible/results:bg-selected",
      )}
      style={{ height: rowHeight }}
      title={row.kind === "file" ? file.path : row.match.text.trim()}
      onClick={() => onOpen(false)}
      onDoubleClick={() => onOpen(true)}
    >
      {row.kind === "file" ? (
        <FileTitle file={file} open={open} />
      ) : (
        <MatchText match={row.match} form={form} replacing={replacing} />
      )}
      <span aria-hidden className="ml-auto hidden shrink-0 group-hover/row:flex">
        {replacing && (
          <Button
            variant="ghost"
            size="icon-sm"
            tabIndex={-1}
            title={`Replace in ${what}`}
            onClick={(event) => {
              event.stopPropagation();
              onReplace();
            }}
          >
            <Replace />
          </Button>
        )}
        <Button
          variant="ghost"
          size="icon-sm"
          tabIndex={-1}
          title={`Take ${what} out`}
          onClick={(event) => {
            event.stopPropagation();
            onDismiss();
          }}
        >
          <X />
        </Button>
      </span>
    </div>
  );
}

function FileTitle({ file, open }: { file: FileMatches; open: boolean }) {
  return (
    <>
      <ChevronRight
        aria-hidden
        className={cn("size-3.5 shrink-0 text-muted-foreground transition-transform", open && "rotate-90")}
      />
      <FileIcon name={nameOf(file.path)} />
      <span className="truncate">{nameOf(file.path)}</span>
      <span className="min-w-0 truncate text-2xs text-muted-foreground">{parentOf(file.path)}</span>
      <span className="ml-auto shrink-0 rounded-full bg-muted px-1.5 text-2xs text-muted-foreground tabular-nums">
        {file.matches.length}
        {file.more && "+"}
      </span>
    </>
  );
}

function MatchText({ match, form, replacing }: { match: SearchMatch; form: Form; replacing: boolean }) {
  const { before, match: found, after } = partsOf(match);
  const by = form.regex ? match.replacement : form.replacement;
  return (
    <span className="min-w-0 truncate font-mono text-xs">
      <span className="sr-only">Line {match.line}: </span>
      {before}
      {replacing && by !== undefined ? (
        <>
          <del className="rounded-sm bg-destructive/20">{found}</del>
          <ins className="rounded-sm bg-success/25 no-underline">{by}</ins>
        </>
      ) : (
        <mark className="rounded-sm bg-(--editor-match) text-foreground">{found}</mark>
      )}
      {after}
    </span>
  );
}

function scrollTo(element: HTMLElement | null, index: number): void {
  if (!element) return;
  const top = index * rowHeight;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + rowHeight > element.scrollTop + element.clientHeight) {
    element.scrollTop = top + rowHeight - element.clientHeight;
  }
}
