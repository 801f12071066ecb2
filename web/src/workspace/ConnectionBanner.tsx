import { useEffect, useState } from "react";
import { toast } from "sonner";
import { navigate } from "@/app/router";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { useStore } from "@/connection";
import { bannerOf } from "./banner";
import type { WorkspaceSession } from "./session";
import type { StartupLine } from "./startup";

const grounds = {
  quiet: "bg-muted",
  warning: "bg-warning-ground",
  error: "bg-destructive-ground",
};

/** One slim line while the workspace is not connected. Everything below it goes on. */
export function ConnectionBanner({ session }: { session: WorkspaceSession }) {
  const connection = useStore(session.connection.state);
  const startup = useStore(session.startup.progress);
  const known = useStore(session.connection.hello) !== null;
  const waiting = useStore(session.documents.dirty).length;
  const keeping = useStore(session.documents.keeping);
  const lines = useStore(session.startup.lines);
  const now = useSeconds(connection.kind !== "online");
  useBrokenToast(useStore(session.startup.cause));
  const banner = bannerOf({ connection, startup, known, waiting, keeping, now });
  if (!banner) return null;
  const { tone, text, action, progress } = banner;
  // On the way to the first screen it lies over the foot of panes that are not there yet: nothing moves when it comes and goes.
  const floats = !known && progress !== undefined;
  return (
    <div className={cn("relative shrink-0", floats && "z-20")}>
      <div
        role={tone === "quiet" ? "status" : "alert"}
        className={cn(
          "flex min-h-8 shrink-0 flex-wrap items-center gap-x-3 border-b px-3 py-1 text-ui",
          grounds[tone],
          floats && "fixed inset-x-0 bottom-18 border-t md:bottom-6 md:left-10",
        )}
      >
        <span className="min-w-0">{text}</span>
        {lines.length > 1 && <StartupSteps lines={lines} />}
        {progress !== undefined && <Progress value={progress} label={text} className="w-32" />}
        {action === "retry" && (
          <Button size="xs" className="ml-auto" onClick={() => session.connection.retryNow()}>
            Retry now
          </Button>
        )}
        {action === "wake" && (
          <Button size="xs" className="ml-auto" onClick={() => session.connection.retryNow()}>
            Wake it
          </Button>
        )}
        {action === "home" && (
          <Button size="xs" className="ml-auto" onClick={() => navigate("/")}>
            To my workspaces
          </Button>
        )}
      </div>
    </div>
  );
}

/** What the start came through so far, for whom it takes too long. */
function StartupSteps({ lines }: { lines: readonly StartupLine[] }) {
  return (
    <details className="order-last basis-full text-muted-foreground">
      <summary className="cursor-pointer select-none">Steps</summary>
      <ol aria-label="Steps of the start" className="max-h-40 overflow-auto">
        {lines.map(({ at, text }) => (
          <li key={`${at} ${text}`} className="flex gap-2">
            <time className="tabular-nums">{new Date(at).toLocaleTimeString()}</time>
            <span>{text}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** Says what broke the workspace, also when it is back before anyone could read the banner. */
function useBrokenToast(cause: string | null) {
  useEffect(() => {
    if (cause) toast.error(cause, { duration: 20_000 });
  }, [cause]);
}

/** The time while it is needed, a few times a second; Unix milliseconds. */
function useSeconds(needed: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!needed) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [needed]);
  return now;
}
