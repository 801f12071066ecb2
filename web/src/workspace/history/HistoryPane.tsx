import { ChevronRight, History as Clock, RefreshCw, X } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { SideView } from "../side/SideBar";
import type { WorkspaceSession } from "../session";
import { counted, daysOf, whenOf, type Hour, type Version } from "./timeline";
import { VersionRow } from "./VersionRow";

/** Hours with so few versions are open from the start. */
const fewVersions = 6;

type HistoryPaneProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  /** Something is shown in the place of the editor. */
  onOpened: () => void;
};

/** What is about to be restored: all of a version, or some paths of it. */
export type Asked = { version: Version; paths: string[] | null };

/** The timeline of the workspace, or of a file of it, with what can be done with a version. */
export default function HistoryPane({ session, canEdit, onOpened }: HistoryPaneProps) {
  const { history } = session;
  const timeline = useStore(history.timeline);
  const base = useStore(history.base);
  const restoring = useStore(history.restoring);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => history.follow(), [history]);
  const now = new Date();
  const days = daysOf(timeline.versions ?? [], now);
  const turn = (key: string) => {
    const next = new Set(turned);
    if (!next.delete(key)) next.add(key);
    setTurned(next);
  };
  const open = (hour: Hour, first: boolean) => (first || hour.versions.length <= fewVersions) !== turned.has(hour.key);
  const restore = ({ version, paths }: Asked) => {
    history.restore(version.id, paths).catch((error: unknown) => toast.error(messageOf(error)));
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !(event.target instanceof HTMLElement) || !event.target.matches("[data-line]")) return;
    const lines = [...(list.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
    const next = lines[lines.indexOf(event.target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <SideView
      name="History"
      actions={
        <Tooltip text="Look again">
          <Button variant="ghost" size="icon-sm" aria-label="Look again" onClick={() => void history.refresh()}>
            <RefreshCw className={cn(timeline.loading && "animate-pulse-soft")} />
          </Button>
        </Tooltip>
      }
    >
      {timeline.path !== null && (
        <Chip label="Only" text={timeline.path} close="Show the whole history" onClose={() => history.show(null)} />
      )}
      {base && (
        <Chip
          label="Compared with"
          text={whenOf(base, now)}
          close="End the comparison"
          onClose={() => history.compareWith(null)}
        />
      )}
      {timeline.fault !== null && (
        <p role="alert" className="mx-3 mb-2 rounded-md bg-warning-ground px-2.5 py-1.5 text-xs">
          {timeline.fault}
        </p>
      )}
      {restoring && (
        <p role="status" className="mx-3 mb-2 text-xs text-muted-foreground">
          Restoring…
        </p>
      )}
      <div ref={list} className="min-h-0 flex-1 overflow-y-auto pb-6" onKeyDown={press}>
        {timeline.versions === null ? (
          timeline.fault === null && <Loading />
        ) : timeline.versions.length <= (timeline.path === null ? 1 : 0) && timeline.next === null ? (
          <Empty path={timeline.path} />
        ) : (
          days.map((day, d) => (
            <div key={day.key} role="group" aria-label={day.name}>
              <h3 className="sticky top-0 z-10 bg-sidebar px-3 pt-2 pb-1 text-xs font-semibold">{day.name}</h3>
              {day.hours.map((hour, h) => {
                const shown = open(hour, d === 0 && h === 0);
                return (
                  <div key={hour.key} role="group" aria-label={`${day.name}, ${hour.name}`}>
                    <button
                      type="button"
                      data-line
                      aria-expanded={shown}
                      className="flex h-7 w-full items-center gap-1 pr-3 pl-2 text-left text-xs text-muted-foreground hover:bg-accent focus-visible:-outline-offset-2"
                      onClick={() => turn(hour.key)}
                    >
                      <ChevronRight aria-hidden className={cn("size-3.5 shrink-0", shown && "rotate-90")} />
                      <span className="flex-1 tabular-nums">{hour.name}</span>
                      <span className="text-2xs">
                        {hour.versions.length} {hour.versions.length === 1 ? "version" : "versions"}
                      </span>
                    </button>
                    {shown && (
                      <ol>
                        {hour.versions.map((version) => (
                          <VersionRow
                            key={version.id}
                            session={session}
                            version={version}
                            path={timeline.path}
                            canEdit={canEdit && !restoring}
                            onRestore={setAsked}
                            onOpened={onOpened}
                          />
                        ))}
                      </ol>
                    )}
                  </div>
                );
              })}
            </div>
          ))
        )}
        {timeline.next !== null && (
          <Button
            variant="ghost"
            size="xs"
            className="mx-3 mt-2"
            disabled={timeline.loading}
            onClick={() => void history.more()}
          >
            {timeline.loading ? "Loading" : "Show older versions"}
          </Button>
        )}
      </div>
      {asked && (
        <ConfirmDialog
          title={asked.paths ? `Restore ${asked.paths.join(", ")}?` : "Restore the whole workspace?"}
          description={`${asked.paths ? counted(asked.paths.length) : "All files"} become as they were ${when(asked.version, now)}. What is there now stays in the history, so you can take this back.`}
          action="Restore"
          variant="primary"
          onConfirm={() => restore(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </SideView>
  );
}

/** In the middle of a sentence. */
function when(version: Version, now: Date): string {
  return whenOf(version, now).replace(/^(Today|Yesterday)/, (day) => day.toLowerCase());
}

function Chip({ label, text, close, onClose }: { label: string; text: string; close: string; onClose: () => void }) {
  return (
    <div className="mx-3 mb-2 flex items-center gap-1.5 rounded-md border bg-background py-0.5 pr-0.5 pl-2 text-xs">
      <span className="shrink-0 text-muted-foreground">{label}</span>
      <span className="min-w-0 flex-1 truncate font-medium" title={text}>
        {text}
      </span>
      <Button variant="ghost" size="icon-sm" aria-label={close} onClick={onClose}>
        <X />
      </Button>
    </div>
  );
}

function Empty({ path }: { path: string | null }) {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-10 text-center text-muted-foreground">
      <Clock aria-hidden className="size-6 opacity-60" />
      <p>{path === null ? "Nothing has changed yet" : "This file has no earlier versions"}</p>
      <p className="text-xs">
        {path === null
          ? "Every edit is kept here a few seconds after you make it: who, when and which files. Choose a version to see what it changed, compare any two, and bring back a file or everything."
          : "A version is kept a few seconds after an edit. Files that are left out of saving, such as installed packages, have none."}
      </p>
    </div>
  );
}

function Loading() {
  return (
    <div role="group" aria-busy aria-label="Loading the history" className="grid gap-3 px-3 py-2">
      {[40, 72, 64, 70].map((width) => (
        <Skeleton key={width} className="h-3" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
