import type { SearchSummary } from "@/connection";

const number = (count: number, one: string, many = `${one}s`) =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

const stops: Record<NonNullable<SearchSummary["stopped"]>, string> = {
  matches: "There are more; narrow the search to see them.",
  time: "Stopped after a minute.",
  slow: "The expression takes too long on many lines; make it simpler.",
  cancelled: "Stopped.",
};

/** What a search came to, in words: what was found, and what was not looked at. */
export function summaryWords(summary: SearchSummary, matches: number, files: number): string {
  const { searched, binary, tooLarge, tooLargeCount, slow, stopped } = summary;
  const skipped = [
    ...(tooLargeCount > 0
      ? [`${tooLargeCount === 1 ? (tooLarge[0] ?? "1 file") : number(tooLargeCount, "file")} over 5 MB`]
      : []),
    ...(binary > 0 ? [`${number(binary, "file")} that ${binary === 1 ? "is" : "are"} not text`] : []),
    ...(slow > 0 ? [`${number(slow, "file")} with a line that took too long`] : []),
  ];
  return [
    matches > 0
      ? `${number(matches, "match", "matches")} in ${number(files, "file")}.`
      : `Nothing in ${number(searched, "file")}.`,
    ...(stopped ? [stops[stopped]] : []),
    ...(skipped.length > 0 ? [`Left out: ${skipped.join(", ")}.`] : []),
  ].join(" ");
}
