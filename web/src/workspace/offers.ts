import { useEffect, useRef } from "react";
import { toast } from "sonner";
import type { CommandId } from "./commands";

type Does = Partial<Record<CommandId, () => void>>;

/** How long a command waits for the pane that does it. Milliseconds. */
const patience = 3_000;

/** What panes do for commands while they are shown, out of state that is their own. */
export class Offers {
  private readonly offered = new Set<() => Does>();
  private asked: { command: CommandId; timer: ReturnType<typeof setTimeout> } | null = null;

  /** Offers what the function gives at the time, until the function that is returned is called. */
  offer(does: () => Does): () => void {
    this.offered.add(does);
    const waiting = this.asked && does()[this.asked.command];
    if (waiting) {
      this.forget();
      waiting();
    }
    return () => this.offered.delete(does);
  }

  /** Has a pane do it, at once or when it comes; `otherwise` says why none did. */
  ask(command: CommandId, otherwise: string): void {
    this.forget();
    for (const does of this.offered) {
      const found = does()[command];
      if (!found) continue;
      found();
      return;
    }
    const timer = setTimeout(() => {
      this.asked = null;
      toast.info(otherwise);
    }, patience);
    this.asked = { command, timer };
  }

  private forget(): void {
    clearTimeout(this.asked?.timer);
    this.asked = null;
  }
}

/** Offers what a pane does, as long as it is there and `shown`. */
export function useOffers(offers: Offers, does: Does, shown = true): void {
  const latest = useRef(does);
  useEffect(() => {
    latest.current = does;
  });
  useEffect(() => (shown ? offers.offer(() => latest.current) : undefined), [offers, shown]);
}
