import type { WorkspaceState } from "@/api/api";

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["week", 604_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** "5 minutes ago". `time` is ISO 8601, `now` Unix milliseconds. */
export function ago(time: string, now: number): string {
  const seconds = (now - Date.parse(time)) / 1000;
  if (Number.isNaN(seconds)) return "";
  for (const [unit, length] of units) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return "just now";
}

export const stateLabels: Record<WorkspaceState, string> = {
  asleep: "Asleep",
  starting: "Starting",
  restoring: "Restoring",
  awake: "Running",
  stopping: "Stopping",
  failed: "Failed",
};

/** What a search keeps: every word occurs in the name, the slug or the stack. */
export function matches(query: string, fields: string[]): boolean {
  const text = fields.join(" ").toLowerCase();
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
