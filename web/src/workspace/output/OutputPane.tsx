import { Play, ScrollText, X } from "lucide-react";
import { useEffect, useState } from "react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type Port } from "@/connection";
import { useRemembered } from "@/preferences/remembered";
import { Split } from "../Split";
import { useAway } from "../away";
import { useOffers } from "../offers";
import type { WorkspaceSession } from "../session";
import { Shell } from "../terminals/Shell";
import { notThere, outputOf, type OutputState } from "./outputState";
import { Preview } from "./Preview";
import type { Wanted } from "./previews";

/** Pages kept loaded at once; each is a page of its own to the browser. */
const maxSeen = 4;

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
  const wanted = useStore(session.previews.wanted);
  const [chosen, setChosen] = useState<number | null>(null);
  const [followed, setFollowed] = useState<Wanted | null>(null);
  if (wanted !== followed) {
    setFollowed(wanted);
    if (wanted) setChosen(wanted.port);
  }
  const [logHeight, setLogHeight] = useRemembered("log-height", 200);
  const run = hello?.run ?? { state: "idle" as const };
  const ports = hello?.ports ?? [];
  const runningFor = useRunningFor(run.state === "running");
  const state = useAway(session) ? notThere : outputOf(run, ports, chosen, hello?.project ?? {}, runningFor);
  const terminal = run.terminal;
  const shownPort = state.kind === "page" ? state.port.port : null;
  // Pages that were looked at stay loaded behind the tab of another port, as long as their program listens.
  const [seen, setSeen] = useState<readonly number[]>([]);
  if (shownPort !== null && !seen.includes(shownPort)) setSeen([...seen.slice(1 - maxSeen), shownPort]);
  const listed = seen.filter(
    (one) => one === shownPort || ports.some(({ port, reachable }) => reachable && port === one),
  );
  const shownAt = ports.findIndex(({ port }) => port === shownPort);
  const next = ports[(shownAt + 1) % ports.length];
  useOffers(session.offers, {
    ...(terminal !== undefined && { "output-log": () => onLog(!log) }),
    ...(next && ports.length > 1 && { "next-port": () => setChosen(next.port) }),
  });
  const head = <PaneButtons log={log} canLog={terminal !== undefined} onLog={() => onLog(!log)} onHide={onHide} />;
  const screen =
    log && terminal !== undefined ? (
      <div className="relative h-full bg-terminal">
        <Shell key={terminal} session={session} terminal={terminal} canEdit={canEdit} />
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
            {listed.map((port) => (
              <Preview
                key={port}
                session={session}
                port={port}
                wanted={wanted?.port === port ? wanted : null}
                shown={state.kind === "page" && state.port.port === port}
              >
                {head}
              </Preview>
            ))}
            {state.kind === "words" && (
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
        <h2 className={cn("text-sm font-medium", tone === "fault" && "text-destructive")}>{title}</h2>
        <p className="max-w-sm text-muted-foreground">{text}</p>
        {tone === "busy" && <Progress value={null} label={title} className="mt-1 w-40" />}
        <div className="mt-1 flex gap-2">
          {action === "run" && canEdit && (
            <Button variant="primary" onClick={onRun}>
              <Play />
              Run
            </Button>
          )}
          {tone === "fault" && canEdit && <Button onClick={onRun}>Run again</Button>}
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
