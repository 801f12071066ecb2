import { Moon } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { Button } from "@/components/ui/button";
import { useStore } from "@/connection";
import type { SleepSoon } from "@/connection";
import type { WorkspaceSession } from "./session";

/** Counts down to the sleep of a workspace that nobody uses, with a way to keep it awake. */
export function SleepBanner({ session }: { session: WorkspaceSession }) {
  const soon = useStore(session.connection.hello)?.sleep ?? null;
  const online = useStore(session.connection.state).kind === "online";
  if (soon === null || !online) return null;
  const stay = () => {
    session.connection.request("awake.stay", {}).catch((error: unknown) => toast.error(messageOf(error)));
  };
  return (
    <div role="alert" className="flex min-h-8 shrink-0 items-center gap-2 border-b bg-warning-ground px-3 py-1 text-ui">
      <Moon aria-hidden className="size-3.5 shrink-0 text-warning" />
      <span className="min-w-0 flex-1">
        {soon.why} It goes to sleep in <Countdown key={`${soon.seconds} ${soon.why}`} soon={soon} />. Files stay.
      </span>
      <Button size="xs" onClick={stay}>
        Stay awake
      </Button>
    </div>
  );
}

function Countdown({ soon }: { soon: SleepSoon }) {
  const [until] = useState(() => Date.now() + soon.seconds * 1000);
  const [left, setLeft] = useState(soon.seconds);
  useEffect(() => {
    const timer = setInterval(() => setLeft(Math.max(0, Math.ceil((until - Date.now()) / 1000))), 250);
    return () => clearInterval(timer);
  }, [until]);
  return (
    <time aria-live="off" className="font-medium tabular-nums">
      {Math.floor(left / 60)}:{String(left % 60).padStart(2, "0")}
    </time>
  );
}
