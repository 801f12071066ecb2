import type { Hello } from "@/connection";

/** What to say when the workspace came back as another start of it, without terminals that it had; null: none is gone. */
export function lossWords(before: Hello | null, now: Hello): string | null {
  if (before === null || before.epoch === now.epoch) return null;
  const count = before.terminals.filter(({ id }) => !now.terminals.some((other) => other.id === id)).length;
  if (count === 0) return null;
  const terminals = count === 1 ? "Its terminal has" : `Its ${count} terminals have`;
  return `The workspace was started again. ${terminals} ended, and what ran there. The files are as you left them.`;
}
