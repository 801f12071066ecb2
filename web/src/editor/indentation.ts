import type { Text } from "@codemirror/state";

/** Lines looked at; what a file does in these it does in all. */
const maxLines = 500;

/** One step of indentation as the text has it: a tab, or so many spaces; `columns` spaces when it shows none. */
export function indentationOf(text: Text, columns: number): string {
  const votes = new Map<string, number>();
  let before = 0;
  let lines = 0;
  for (const line of text.iterLines()) {
    if (++lines > maxLines) break;
    if (line.trim() === "") continue;
    if (line.startsWith("\t")) {
      votes.set("\t", (votes.get("\t") ?? 0) + 1);
      continue;
    }
    const depth = line.length - line.trimStart().length;
    const step = depth - before;
    // One space more is the body of a block comment, over eight a continued line.
    if (step > 1 && step <= 8) votes.set(" ".repeat(step), (votes.get(" ".repeat(step)) ?? 0) + 1);
    before = depth;
  }
  let best = " ".repeat(columns);
  let most = 0;
  for (const [unit, count] of votes) if (count > most) [best, most] = [unit, count];
  return best;
}
