import { CaseSensitive, ChevronRight, Regex, Replace, ReplaceAll, RotateCcw, WholeWord, X } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Kbd } from "@/components/ui/kbd";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type ReplaceResult } from "@/connection";
import { SideView } from "../side/SideBar";
import type { WorkspaceSession } from "../session";
import { countOf } from "./found";
import { Results } from "./Results";
import type { Form, SearchState } from "./search";
import { summaryWords } from "./summary";

/** Milliseconds after the last key until a search starts by itself. */
const typingPause = 180;

/** Files changed at once without being asked about. */
const askFrom = 2;

type SearchPaneProps = { session: WorkspaceSession; canEdit: boolean; onOpened: () => void };

/** Search and replace across the files of the workspace. */
export default function SearchPane({ session, canEdit, onOpened }: SearchPaneProps) {
  const { search } = session;
  const form = useStore(search.form);
  const state = useStore(search.state);
  const found = useStore(search.found);
  const [asking, setAsking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const details = form.include !== "" || form.exclude !== "" || form.all;
  const [more, setMore] = useState(details);
  useSearchWhileTyping(session, form);
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const tell = (done: Promise<ReplaceResult>, words: (result: ReplaceResult) => string) => {
    done.then(
      (result) => told(result, words(result), () => tell(search.undo(), () => "Taken back.")),
      (error: unknown) => toast.error(messageOf(error)),
    );
  };
  const replaceAll = () => {
    setAsking(false);
    tell(
      search.replace(),
      ({ matches, files }) => `${counted(matches, "match", "matches")} replaced in ${counted(files, "file")}.`,
    );
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.altKey && form.replacing) {
      event.preventDefault();
      if (found.length >= askFrom) setAsking(true);
      else replaceAll();
      return;
    }
    if (event.key === "Enter") void search.start();
    if (event.key === "Escape") search.stop();
    const flag = event.altKey ? ({ KeyC: "matchCase", KeyW: "word", KeyR: "regex" } as const)[event.code] : undefined;
    if (flag) {
      event.preventDefault();
      // Alt-W would close the file.
      event.stopPropagation();
      search.set({ [flag]: !form[flag] });
    }
  };
  return (
    <SideView
      name="Search"
      actions={
        <Tooltip text="Clear the search">
          <Button variant="ghost" size="icon-sm" aria-label="Clear the search" onClick={() => search.clear()}>
            <X />
          </Button>
        </Tooltip>
      }
    >
      <div role="search" aria-label="All files" className="grid gap-1.5 px-2 pb-2" onKeyDown={press}>
        <div className="flex items-start gap-1">
          <button
            type="button"
            aria-label="Replace"
            aria-expanded={form.replacing}
            className="mt-1 grid size-6 place-items-center rounded text-muted-foreground hover:bg-accent"
            onClick={() => search.set({ replacing: !form.replacing })}
          >
            <ChevronRight aria-hidden className={cn("size-3.5 transition-transform", form.replacing && "rotate-90")} />
          </button>
          <div className="grid min-w-0 flex-1 gap-1.5">
            <div className="relative">
              <Input
                ref={field}
                aria-label="Search in all files"
                placeholder="Search"
                className="pr-20"
                value={form.text}
                onChange={(event) => search.set({ text: event.target.value })}
              />
              <span className="absolute top-1 right-1 flex">
                <Flag
                  name="Match case"
                  keys="Alt+C"
                  on={form.matchCase}
                  onPress={(matchCase) => search.set({ matchCase })}
                >
                  <CaseSensitive />
                </Flag>
                <Flag name="Whole words" keys="Alt+W" on={form.word} onPress={(word) => search.set({ word })}>
                  <WholeWord />
                </Flag>
                <Flag name="Regular expression" keys="Alt+R" on={form.regex} onPress={(regex) => search.set({ regex })}>
                  <Regex />
                </Flag>
              </span>
            </div>
            {form.replacing && (
              <div className="relative">
                <Input
                  aria-label="Replace by"
                  placeholder={form.regex ? "Replace by; $1 is the first group" : "Replace by"}
                  className="pr-9"
                  value={form.replacement}
                  onChange={(event) => search.set({ replacement: event.target.value })}
                />
                <Tooltip text="Replace all" keys="Ctrl+Alt+Enter">
                  <Button
                    variant="ghost"
                    size="icon-sm"
                    aria-label="Replace all"
                    className="absolute top-1 right-1"
                    disabled={!canEdit || found.length === 0 || state.running}
                    onClick={() => (found.length >= askFrom ? setAsking(true) : replaceAll())}
                  >
                    <ReplaceAll />
                  </Button>
                </Tooltip>
              </div>
            )}
          </div>
        </div>
        <button
          type="button"
          aria-expanded={more}
          className="flex h-6 items-center gap-1 self-start rounded px-1 text-xs text-muted-foreground hover:text-foreground"
          onClick={() => setMore(!more)}
        >
          <ChevronRight aria-hidden className={cn("size-3.5 transition-transform", more && "rotate-90")} />
          Which files
        </button>
        {more && <Where form={form} onChange={(change) => search.set(change)} />}
      </div>
      <Status session={session} form={form} state={state} count={countOf(found)} files={found.length} />
      {found.length > 0 ? (
        <Results
          session={session}
          found={found}
          replacing={form.replacing && canEdit}
          form={form}
          onOpened={onOpened}
          onTell={tell}
        />
      ) : (
        form.text === "" && <Teaching />
      )}
      {asking && (
        <ConfirmDialog
          title={`Replace ${counted(countOf(found), "match", "matches")} in ${counted(found.length, "file")}?`}
          description="Everyone who has one of these files open sees the change. You can take it back as a whole."
          action="Replace all"
          onConfirm={replaceAll}
          onClose={() => setAsking(false)}
        />
      )}
    </SideView>
  );
}

/** Looks again a moment after the last change of the form. */
function useSearchWhileTyping({ search }: WorkspaceSession, form: Form): void {
  const { text, regex, word, matchCase, include, exclude, all, replacing } = form;
  // Only an expression's replacement needs the runner; what replaces a plain text is known here.
  const asked = regex && replacing ? `by ${form.replacement}` : "";
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const timer = setTimeout(() => void search.start(), typingPause);
    return () => clearTimeout(timer);
  }, [search, text, regex, word, matchCase, include, exclude, all, asked]);
}

function told({ failed, failedCount, undo }: ReplaceResult, words: string, onUndo: () => void) {
  const [first] = failed;
  const action = undo === undefined ? {} : { action: { label: "Undo", onClick: onUndo } };
  if (first) {
    const others = failedCount > 1 ? ` ${counted(failedCount - 1, "other file")} could not be changed either.` : "";
    toast.warning(words, { description: `${first.message}${others}`, ...action });
  } else toast.success(words, action);
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

type FlagProps = { name: string; keys: string; on: boolean; onPress: (on: boolean) => void; children: ReactNode };

function Flag({ name, keys, on, onPress, children }: FlagProps) {
  return (
    <Tooltip text={name} keys={keys}>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label={name}
        aria-pressed={on}
        className="aria-pressed:bg-selected aria-pressed:text-foreground"
        onClick={() => onPress(!on)}
      >
        {children}
      </Button>
    </Tooltip>
  );
}

function Where({ form, onChange }: { form: Form; onChange: (change: Partial<Form>) => void }) {
  return (
    <div className="grid gap-1.5 pl-7">
      <label className="grid gap-0.5 text-xs text-muted-foreground">
        Only in
        <Input
          placeholder="src, *.{ts,tsx}"
          value={form.include}
          onChange={(event) => onChange({ include: event.target.value })}
        />
      </label>
      <label className="grid gap-0.5 text-xs text-muted-foreground">
        Not in
        <Input
          placeholder="*.test.ts, docs"
          value={form.exclude}
          onChange={(event) => onChange({ exclude: event.target.value })}
        />
      </label>
      <label className="flex min-h-6 items-center gap-2 text-xs">
        <input
          type="checkbox"
          className="accent-primary"
          checked={form.all}
          onChange={(event) => onChange({ all: event.target.checked })}
        />
        Also what git or the project ignores
      </label>
    </div>
  );
}

type StatusProps = { session: WorkspaceSession; form: Form; state: SearchState; count: number; files: number };

/** One line of one height, whatever there is to say. */
function Status({ session, form, state, count, files }: StatusProps) {
  const last = useStore(session.search.lastReplace);
  if (state.fault !== null)
    return (
      <p role="alert" className="px-3 pb-2 text-xs text-destructive">
        {state.fault}
      </p>
    );
  return (
    <div className="flex min-h-7 items-center gap-2 px-3 pb-1 text-xs text-muted-foreground">
      <p role="status" className="min-w-0 flex-1">
        {form.text === ""
          ? ""
          : state.running
            ? `Searching, ${counted(count, "match", "matches")} so far`
            : state.summary
              ? summaryWords(state.summary, count, files)
              : ""}
      </p>
      {state.running && (
        <Button size="xs" onClick={() => session.search.stop()}>
          Stop
        </Button>
      )}
      {!state.running && last?.undo !== undefined && (
        <Button
          size="xs"
          onClick={() => {
            session.search.undo().then(
              (result) => told(result, "The replacement was taken back.", () => undefined),
              (error: unknown) => toast.error(messageOf(error)),
            );
          }}
        >
          <RotateCcw />
          Undo replace
        </Button>
      )}
    </div>
  );
}

function Teaching() {
  return (
    <div className="grid gap-3 px-4 pt-3 text-xs text-muted-foreground">
      <p>Searches every file of the workspace, also what is typed and not saved yet.</p>
      <dl className="grid grid-cols-[1fr_auto] gap-x-3 gap-y-1.5">
        {[
          ["Next match", "F4"],
          ["Previous match", "Shift+F4"],
          ["Take a match out", "Del"],
          ["Replace in all files", "Ctrl+Shift+H"],
        ].map(([what, keys]) => (
          <div key={what} className="contents">
            <dt>{what}</dt>
            <dd>
              <Kbd keys={keys ?? ""} />
            </dd>
          </div>
        ))}
      </dl>
      <p className="flex items-start gap-2">
        <Replace aria-hidden className="mt-0.5 size-3.5 shrink-0" />
        Replacing shows each change first, and all of it can be taken back.
      </p>
    </div>
  );
}
