import { useEffect, useState } from "react";
import type { MachineSample } from "@/connection";
import { isAway } from "../away";
import type { WorkspaceSession } from "../session";

/** Milliseconds between two looks. */
const every = 2_000;

/** What the workspace uses, while this page is looked at and connected; nobody looks otherwise. Null before the first look and while it is away. */
export function useMachine(session: WorkspaceSession): MachineSample | null {
  const [sample, setSample] = useState<MachineSample | null>(null);
  useEffect(() => {
    let asking = false;
    let left = false;
    const look = () => {
      if (document.hidden || asking || !session.connection.online) return;
      asking = true;
      session.connection
        .request("machine.look", {})
        .then(
          (next) => {
            if (!left) setSample(next);
          },
          () => undefined, // The connection tells what is wrong.
        )
        .finally(() => (asking = false));
    };
    const timer = setInterval(look, every);
    const stop = session.connection.state.subscribe(() => {
      if (isAway(session.connection.state.get())) setSample(null);
      look();
    });
    look();
    return () => {
      left = true;
      clearInterval(timer);
      stop();
    };
  }, [session]);
  return sample;
}
