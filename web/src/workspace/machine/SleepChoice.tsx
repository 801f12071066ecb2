import { useEffect, useState } from "react";
import { toast } from "sonner";
import { api, type Session, type SleepPolicy } from "@/api/api";
import { messageOf } from "@/api/request";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import { minutesOf } from "./amounts";

/** When the workspace may sleep: a choice of its user, within what the operator allows. */
export function SleepChoice({ session, canEdit }: { session: WorkspaceSession; canEdit: boolean }) {
  const info = useStore(session.info);
  const rules = useSleepRules();
  if (info === null || rules === null) return null;
  const choose = (sleeps: SleepPolicy) => {
    session.info.set({ ...info, sleeps });
    api.setSleep(session.slug, sleeps).catch((error: unknown) => {
      session.info.set(info);
      toast.error(messageOf(error));
    });
  };
  const left = minutesOf(rules.leftMinutes);
  const choices: { policy: SleepPolicy; words: string }[] = [
    { policy: "whenLeft", words: `${left} after its last page is closed, if nothing works in it` },
    { policy: "whenNothingRuns", words: `The same, but never while a program runs, also one that only waits` },
    { policy: "never", words: "Never: only when it is stopped" },
  ];
  return (
    <fieldset className="mt-4" disabled={!canEdit}>
      <legend className="mb-1 text-xs font-semibold text-muted-foreground">When it goes to sleep</legend>
      {choices
        .filter(({ policy }) => policy !== "never" || rules.mayNever)
        .map(({ policy, words }) => (
          <label key={policy} className="flex items-center gap-2 py-0.5">
            <input
              type="radio"
              name="sleeps"
              className="accent-primary"
              checked={info.sleeps === policy}
              onChange={() => choose(policy)}
            />
            {words}
          </label>
        ))}
      <p className="mt-1 text-xs text-muted-foreground">
        A page that is open but that nobody uses keeps it awake for {minutesOf(rules.untouchedMinutes)}. Files,
        terminals' output and layout stay; opening it wakes it.
      </p>
    </fieldset>
  );
}

function useSleepRules(): Session["sleep"] | null {
  const [rules, setRules] = useState<Session["sleep"] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    api.session(stop.signal).then(
      ({ sleep }) => setRules(sleep),
      () => undefined, // Without an answer there is nothing to choose from; the rest of the sheet holds.
    );
    return () => stop.abort();
  }, []);
  return rules;
}
