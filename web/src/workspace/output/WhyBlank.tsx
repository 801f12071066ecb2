import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { Button } from "@/components/ui/button";
import type { WorkspaceSession } from "../session";
import type { PageReport } from "./console";
import { diagnose, type Finding } from "./diagnosis";

/** A frame that was loaded has this long to say that it shows something before it is asked why not. Milliseconds. */
const patience = 2_000;

export type WhyBlankState = {
  /** Null: not asked, or closed. Empty: looked, and found nothing. */
  findings: Finding[] | null;
  ask: () => void;
  /** The frame has loaded something, or an error of the browser's own. */
  loaded: () => void;
  close: () => void;
};

/** Finds out why a preview is blank, when asked and by itself when a loaded frame shows nothing. */
export function useWhyBlank(
  session: WorkspaceSession,
  port: number,
  path: string,
  page: PageReport | undefined,
): WhyBlankState {
  const [findings, setFindings] = useState<Finding[] | null>(null);
  const latest = useRef(page);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    latest.current = page;
  }, [page]);
  useEffect(() => () => clearTimeout(timer.current), []);

  const look = async (asked: boolean) => {
    const listener = session.connection.hello.get()?.ports.find((one) => one.port === port);
    let check = null;
    try {
      if (listener?.reachable === true) check = await session.connection.request("preview.check", { port, path });
    } catch (error) {
      if (asked) toast.error(messageOf(error));
      return;
    }
    const found = diagnose({
      port: listener,
      asked: port,
      check,
      page: latest.current,
      entries: session.console.entries.get().get(port) ?? [],
      home: location.origin,
    });
    if (asked || found.length > 0) setFindings(found);
  };
  return {
    findings,
    ask: () => void look(true),
    loaded: () => {
      clearTimeout(timer.current);
      setFindings(null);
      timer.current = setTimeout(() => {
        if (!latest.current || latest.current.empty) void look(false);
      }, patience);
    },
    close: () => setFindings(null),
  };
}

/** What was found, over the foot of the preview. */
export function WhyBlank({ state, onOpen }: { state: WhyBlankState; onOpen: () => void }) {
  const { findings, close } = state;
  if (findings === null) return null;
  return (
    <div
      role="status"
      aria-label="Why is it blank?"
      className="absolute inset-x-2 bottom-2 z-10 max-h-[80%] overflow-auto rounded-lg border bg-popover p-3 pr-9 shadow-floating"
    >
      <Button variant="ghost" size="icon-sm" aria-label="Close" className="absolute top-1.5 right-1.5" onClick={close}>
        <X />
      </Button>
      {findings.length === 0 ? (
        <p className="flex gap-2">
          <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          Nothing is wrong with how it is served. If it looks blank, its own code draws nothing.
        </p>
      ) : (
        <ul className="grid gap-2.5">
          {findings.map(({ tone, title, text, open }) => (
            <li key={title} className="flex gap-2">
              {tone === "fault" ? (
                <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-destructive" />
              ) : (
                <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-muted-foreground" />
              )}
              <div className="min-w-0">
                <p className="font-medium">{title}</p>
                <p className="break-words text-muted-foreground">{text}</p>
                {open === true && (
                  <Button size="xs" className="mt-1" onClick={onOpen}>
                    Open in a new tab
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
