import { ArrowLeft, ExternalLink, Play, RotateCw, ScrollText, X } from "lucide-react";
import { Suspense, useEffect, useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Progress } from "@/components/ui/progress";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type Port } from "@/connection";
import { usePreferences } from "@/preferences/preferences";
import { TerminalView } from "@/terminals";
import { useRemembered } from "@/preferences/remembered";
import { Split } from "../Split";
import type { WorkspaceSession } from "../session";
import { TerminalSkeleton } from "../terminals/TerminalPanel";
import { outputOf, type OutputState } from "./outputState";
import { pathOf } from "./previews";

type OutputPaneProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  log: boolean;
  onLog: (open: boolean) => void;
  onRun: () => void;
  onHide: (() => void) | null;
};

export default function OutputPane({ session, canEdit, log, onLog, onRun, onHide }: OutputPaneProps) {
  const hello = useStore(session.connection.hello);
  const { fontSize } = usePreferences();
  const [chosen, setChosen] = useState<number | null>(null);
  const [logHeight, setLogHeight] = useRemembered("log-height", 200);
  const run = hello?.run ?? { state: "idle" as const };
  const ports = hello?.ports ?? [];
  const runningFor = useRunningFor(run.state === "running");
  const state = outputOf(run, ports, chosen, hello?.project ?? {}, runningFor);
  const terminal = run.terminal;
  const head = <PaneButtons log={log} canLog={terminal !== undefined} onLog={() => onLog(!log)} onHide={onHide} />;
  const screen =
    log && terminal !== undefined ? (
      <div className="relative h-full bg-terminal">
        <Suspense fallback={<TerminalSkeleton />}>
          <TerminalView
            key={terminal}
            connection={session.connection}
            documents={session.documents}
            terminal={terminal}
            fontSize={fontSize}
            className="absolute inset-0 pt-1.5 pl-2.5"
          />
        </Suspense>
      </div>
    ) : null;
  return (
    <section aria-label="Output" className="flex h-full flex-col bg-background">
      <Split
        direction="column"
        sized="second"
        size={logHeight}
        min={80}
        rest={120}
        label="Height of the log"
        onSize={setLogHeight}
        first={
          <div className="flex h-full flex-col">
            {ports.length > 1 && (
              <PortTabs ports={ports} shown={state.kind === "page" ? state.port.port : null} onShow={setChosen} />
            )}
            {state.kind === "page" ? (
              <Preview key={state.port.port} session={session} port={state.port.port}>
                {head}
              </Preview>
            ) : (
              <Words
                state={state}
                canEdit={canEdit}
                onRun={onRun}
                onLog={() => onLog(true)}
                canLog={terminal !== undefined && !log}
              >
                {head}
              </Words>
            )}
          </div>
        }
        second={screen}
      />
    </section>
  );
}

type PaneButtonsProps = { log: boolean; canLog: boolean; onLog: () => void; onHide: (() => void) | null };

function PaneButtons({ log, canLog, onLog, onHide }: PaneButtonsProps) {
  return (
    <>
      <Tooltip text={log ? "Hide the log" : "Show the log beside it"}>
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label="Server log"
          aria-pressed={log}
          disabled={!canLog}
          className="aria-pressed:bg-accent aria-pressed:text-accent-foreground"
          onClick={onLog}
        >
          <ScrollText />
        </Button>
      </Tooltip>
      {onHide && (
        <Tooltip text="Hide the output">
          <Button variant="ghost" size="icon-sm" aria-label="Hide the output" onClick={onHide}>
            <X />
          </Button>
        </Tooltip>
      )}
    </>
  );
}

function PortTabs({ ports, shown, onShow }: { ports: Port[]; shown: number | null; onShow: (port: number) => void }) {
  return (
    <div
      role="tablist"
      aria-label="Ports"
      className="flex h-8 shrink-0 gap-1 overflow-x-auto border-b bg-sidebar px-1.5"
    >
      {ports.map(({ port, process }) => (
        <button
          key={port}
          type="button"
          role="tab"
          aria-selected={port === shown}
          className={cn(
            "relative flex items-center gap-1.5 px-2 text-xs focus-visible:-outline-offset-2",
            port === shown
              ? "after:absolute after:inset-x-1 after:bottom-0 after:h-0.5 after:bg-primary"
              : "text-muted-foreground hover:text-foreground",
          )}
          onClick={() => onShow(port)}
        >
          <span className="font-mono">{port}</span>
          <span className="text-muted-foreground">{process}</span>
        </button>
      ))}
    </div>
  );
}

type PreviewProps = { session: WorkspaceSession; port: number; children: React.ReactNode };

/** A page of the workspace in a frame, on an origin of its own. Its address is what was asked for last in the bar. */
function Preview({ session, port, children }: PreviewProps) {
  const [visited, setVisited] = useState<string[]>(["/"]);
  const [loads, setLoads] = useState(0);
  const [typed, setTyped] = useState<string | null>(null);
  const [shown, setShown] = useState<{ address: string } | { fault: string } | null>(null);
  const path = visited.at(-1) ?? "/";
  useEffect(() => {
    let left = false;
    session.previews.address(port, path).then(
      (address) => {
        if (!left) setShown({ address });
      },
      (error: unknown) => {
        if (!left) setShown({ fault: messageOf(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [session, port, path, loads]);

  const open = () => {
    // The window must be opened within the click; the address comes after.
    const other = window.open("about:blank", "_blank");
    session.previews.address(port, path).then(
      (address) => {
        if (!other) return void toast.error("The browser blocked the new tab. Allow pop-ups for this page.");
        other.opener = null;
        other.location.replace(address);
      },
      (error: unknown) => {
        other?.close();
        toast.error(messageOf(error));
      },
    );
  };
  return (
    <>
      <form
        className="flex h-9 shrink-0 items-center gap-0.5 border-b bg-sidebar px-1.5"
        onSubmit={(event) => {
          event.preventDefault();
          const next = pathOf(typed ?? path);
          setTyped(null);
          if (next === path) setLoads(loads + 1);
          else setVisited([...visited, next]);
        }}
      >
        <Tooltip text="Back">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label="Back"
            disabled={visited.length < 2}
            onClick={() => setVisited(visited.slice(0, -1))}
          >
            <ArrowLeft />
          </Button>
        </Tooltip>
        <Tooltip text="Reload">
          <Button variant="ghost" size="icon-sm" aria-label="Reload" onClick={() => setLoads(loads + 1)}>
            <RotateCw />
          </Button>
        </Tooltip>
        <Input
          aria-label="Address"
          className="mx-1 h-6 flex-1 rounded-full bg-background px-3 font-mono text-xs"
          value={typed ?? `localhost:${port}${path}`}
          onFocus={(event) => {
            setTyped(path);
            const field = event.target;
            requestAnimationFrame(() => field.select());
          }}
          onBlur={() => setTyped(null)}
          onChange={(event) => setTyped(event.target.value)}
        />
        <Tooltip text="Open in a new tab">
          <Button variant="ghost" size="icon-sm" aria-label="Open in a new tab" onClick={open}>
            <ExternalLink />
          </Button>
        </Tooltip>
        {children}
      </form>
      <div className="relative min-h-0 flex-1 bg-white">
        {shown && "fault" in shown ? (
          <div
            role="alert"
            className="flex h-full flex-col items-center justify-center gap-3 bg-background p-6 text-center"
          >
            <p>{shown.fault}</p>
            <Button onClick={() => setLoads(loads + 1)}>Try again</Button>
          </div>
        ) : (
          shown && (
            <iframe
              // A new frame for each load: the ticket in the address is good once, and a frame cannot be told to reload.
              key={`${loads} ${shown.address}`}
              title={`Preview of port ${port}`}
              src={shown.address}
              className="size-full border-0"
              allow="clipboard-read; clipboard-write; fullscreen; camera; microphone; geolocation"
              sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-modals allow-downloads"
            />
          )
        )}
      </div>
    </>
  );
}

type WordsProps = {
  state: Extract<OutputState, { kind: "words" }>;
  canEdit: boolean;
  canLog: boolean;
  onRun: () => void;
  onLog: () => void;
  children: React.ReactNode;
};

function Words({ state, canEdit, canLog, onRun, onLog, children }: WordsProps) {
  const { tone, title, text, action } = state;
  return (
    <>
      <div className="flex h-9 shrink-0 items-center gap-0.5 border-b bg-sidebar pr-1.5 pl-3">
        <h2 className="flex-1 text-xs font-semibold text-muted-foreground">Output</h2>
        {children}
      </div>
      <div
        role={tone === "fault" ? "alert" : "status"}
        className="flex min-h-0 flex-1 flex-col items-center justify-center gap-2.5 overflow-auto p-6 text-center"
      >
        <h3 className={cn("text-sm font-medium", tone === "fault" && "text-destructive")}>{title}</h3>
        <p className="max-w-sm text-muted-foreground">{text}</p>
        {tone === "busy" && <Progress value={null} label={title} className="mt-1 w-40" />}
        <div className="mt-1 flex gap-2">
          {action === "run" && canEdit && (
            <Button variant="primary" aria-label="Start the program" onClick={onRun}>
              <Play />
              Run
            </Button>
          )}
          {tone === "fault" && canEdit && (
            <Button aria-label="Start the program again" onClick={onRun}>
              Run again
            </Button>
          )}
          {action === "log" && canLog && <Button onClick={onLog}>Show the log</Button>}
        </div>
      </div>
    </>
  );
}

/** How long the program runs, in steps of a second; milliseconds. */
function useRunningFor(running: boolean): number {
  const [since, setSince] = useState(0);
  useEffect(() => {
    if (!running) return;
    const start = Date.now();
    const timer = setInterval(() => setSince(Date.now() - start), 1_000);
    return () => {
      clearInterval(timer);
      setSince(0);
    };
  }, [running]);
  return since;
}
