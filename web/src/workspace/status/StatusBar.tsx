import { Bell, CircleAlert, Eye, Package, ShieldAlert, ShieldCheck, TriangleAlert, UploadCloud } from "lucide-react";
import { useState, type ReactNode } from "react";
import { cn } from "@/components/cn";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type Cache, type Notice } from "@/connection";
import { MachineMark } from "../machine/MachineMark";
import { runWords } from "../output/outputState";
import { InFileMark } from "../people/InFileMark";
import type { WorkspaceSession } from "../session";
import type { Cursor } from "../tabs/EditorPane";
import { cacheWords } from "./cache";
import { journalWords, languageOf } from "./journal";

const connectionWords = {
  online: { word: "Connected", dot: "bg-success" },
  connecting: { word: "Connecting", dot: "bg-warning animate-pulse-soft" },
  offline: { word: "Offline", dot: "bg-destructive" },
  asleep: { word: "Asleep", dot: "border border-muted-foreground/60" },
  refused: { word: "Not connected", dot: "bg-destructive" },
};

type StatusBarProps = {
  session: WorkspaceSession;
  cursor: Cursor | null;
  onRunLog: () => void;
  onMachine: () => void;
};

export function StatusBar({ session, cursor, onRunLog, onMachine }: StatusBarProps) {
  const { kind } = useStore(session.connection.state);
  const hello = useStore(session.connection.hello);
  const { active } = useStore(session.tabs.tabs);
  const connection = connectionWords[kind];
  const run = hello?.run;
  return (
    <div
      role="status"
      aria-label="Status"
      aria-live="off"
      className="flex h-6 shrink-0 items-center gap-3 overflow-hidden border-t bg-sidebar px-2.5 text-2xs
        whitespace-nowrap text-muted-foreground max-md:gap-2"
    >
      <span className="flex items-center gap-1.5">
        <span aria-hidden className={cn("size-2 rounded-full", connection.dot)} />
        {connection.word}
      </span>
      {hello && <JournalMark session={session} />}
      {hello && <CacheMark cache={hello.cache} />}
      {run && run.state !== "idle" && kind !== "asleep" && (
        <button
          type="button"
          className={cn("rounded px-1 hover:bg-accent", run.state === "exited" && run.code ? "text-destructive" : "")}
          aria-label={`Program: ${runWords(run)}. Show its log`}
          onClick={onRunLog}
        >
          {runWords(run)}
        </button>
      )}
      <span className="flex-1" />
      {hello?.role === "viewer" && (
        <Mark icon={<Eye aria-hidden className="size-3" />} text="You may look at everything here, and change nothing.">
          Read only
        </Mark>
      )}
      <InFileMark session={session} />
      {cursor && active !== null && (
        <span className="tabular-nums max-sm:hidden">
          Ln {cursor.line}, Col {cursor.column}
          {cursor.selected > 0 && ` (${cursor.selected} selected)`}
        </span>
      )}
      {active !== null && <span className="max-md:hidden">{languageOf(active)}</span>}
      <MachineMark session={session} onOpen={onMachine} />
      <Notices notices={hello?.notices ?? []} />
    </div>
  );
}

function JournalMark({ session }: { session: WorkspaceSession }) {
  const hello = useStore(session.connection.hello);
  const unsaved = useStore(session.documents.dirty).length;
  if (!hello) return null;
  if (unsaved > 0) {
    return (
      <Mark
        icon={<UploadCloud aria-hidden className="size-3" />}
        text="Edits are on their way to the workspace. They are kept in this browser until they have arrived."
      >
        Saving
      </Mark>
    );
  }
  const { word, text, tone } = journalWords(hello.journal);
  const Icon = { safe: ShieldCheck, pending: UploadCloud, stalled: ShieldAlert }[tone];
  return (
    <Mark icon={<Icon aria-hidden className={cn("size-3", tone === "safe" && "text-success")} />} text={text}>
      <span className={cn(tone === "stalled" && "text-warning")}>{word}</span>
    </Mark>
  );
}

/** How packages come back after a sleep. */
function CacheMark({ cache }: { cache: Cache }) {
  if (cache.state === "none") return null;
  return (
    <Mark
      icon={<Package aria-hidden className="size-3" />}
      text={cache.message ?? "Programs can be run when they are back."}
    >
      <span className={cn(cache.state === "missing" && "text-warning")}>{cacheWords(cache)}</span>
    </Mark>
  );
}

/** A word, and the sentence behind it: beside the pointer, or by a click or a touch. */
function Mark({ icon, text, children }: { icon: ReactNode; text: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <Tooltip text={text} side="top" hidden={open}>
        <PopoverTrigger className="flex items-center gap-1 rounded px-1 hover:bg-accent">
          {icon}
          {children}
        </PopoverTrigger>
      </Tooltip>
      <PopoverContent side="top" aria-label="What this means">
        {text}
      </PopoverContent>
    </Popover>
  );
}

const icons = { info: Bell, warning: TriangleAlert, error: CircleAlert };
const tones = { info: "", warning: "text-warning", error: "text-destructive" };

function Notices({ notices }: { notices: Notice[] }) {
  if (notices.length === 0) return null;
  const worst = notices.some(({ level }) => level === "error")
    ? "error"
    : notices.some(({ level }) => level === "warning")
      ? "warning"
      : "info";
  const Icon = icons[worst];
  return (
    <Popover>
      <PopoverTrigger
        aria-label={`${notices.length} ${notices.length === 1 ? "notice" : "notices"}`}
        className={cn("flex items-center gap-1 rounded px-1 hover:bg-accent", tones[worst])}
      >
        <Icon aria-hidden className="size-3" />
        {notices.length}
      </PopoverTrigger>
      <PopoverContent side="top" align="end" aria-label="Notices">
        {notices.map(({ id, level, message }) => {
          const NoticeIcon = icons[level];
          return (
            <p key={id} className="flex gap-2">
              <NoticeIcon aria-hidden className={cn("mt-0.5 size-3.5 shrink-0", tones[level])} />
              {message}
            </p>
          );
        })}
      </PopoverContent>
    </Popover>
  );
}
