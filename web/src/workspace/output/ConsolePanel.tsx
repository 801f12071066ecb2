import { Trash2, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import type { Entry } from "./console";

const tones: Record<Entry["level"], string> = {
  log: "",
  info: "",
  debug: "text-muted-foreground",
  warn: "bg-warning-ground text-warning",
  error: "bg-destructive-ground text-destructive",
};

const none: readonly Entry[] = [];

type ConsolePanelProps = { session: WorkspaceSession; port: number; onHide: () => void };

/** What the previewed page logged. Its text is the page's own and stays text. */
export function ConsolePanel({ session, port, onHide }: ConsolePanelProps) {
  const entries = useStore(session.console.entries).get(port) ?? none;
  const [only, setOnly] = useState<"all" | "errors">("all");
  const list = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const shown = only === "all" ? entries : entries.filter(({ level }) => level === "error" || level === "warn");
  useEffect(() => {
    if (atEnd.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [shown]);
  return (
    <section aria-label="Console of the page" className="flex h-full flex-col bg-background">
      <div className="flex h-8 shrink-0 items-center gap-0.5 border-b bg-sidebar pr-1.5 pl-3">
        <h2 className="flex-1 text-xs font-semibold text-muted-foreground">Console</h2>
        <Button
          variant="ghost"
          size="xs"
          aria-pressed={only === "errors"}
          className="aria-pressed:bg-accent aria-pressed:text-accent-foreground"
          onClick={() => setOnly(only === "all" ? "errors" : "all")}
        >
          Problems only
        </Button>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Clear the console"
          onClick={() => session.console.clear(port)}
        >
          <Trash2 />
        </Button>
        <Button variant="ghost" size="icon-sm" aria-label="Hide the console" onClick={onHide}>
          <X />
        </Button>
      </div>
      <div
        ref={list}
        role="log"
        aria-label="Lines of the console"
        tabIndex={0}
        className="min-h-0 flex-1 overflow-auto font-mono text-xs"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < 24;
        }}
      >
        {shown.map(({ id, level, text, source, count }) => (
          <div key={id} className={cn("flex gap-2 border-b px-3 py-1", tones[level])}>
            {count > 1 && (
              <span className="shrink-0 rounded-full bg-accent px-1.5 text-accent-foreground">{count}</span>
            )}
            <span className="min-w-0 flex-1 break-words whitespace-pre-wrap">
              {level === "error" && <span className="sr-only">Error: </span>}
              {level === "warn" && <span className="sr-only">Warning: </span>}
              {text}
            </span>
            {source !== null && (
              <span className="max-w-40 shrink-0 truncate text-muted-foreground" title={source}>
                {source.replace(/^https?:\/\/[^/]+/, "")}
              </span>
            )}
          </div>
        ))}
        {shown.length === 0 && (
          <p className="px-3 py-2 font-sans text-muted-foreground">
            {only === "errors" && entries.length > 0
              ? "No problems."
              : "What the page logs and its errors come here. A page whose content policy allows no script of its own origin is not heard."}
          </p>
        )}
      </div>
    </section>
  );
}
