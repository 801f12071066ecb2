/** What happened to a file. */
export type FileChange = "added" | "changed" | "deleted";

/** A version of the workspace; `time` ISO 8601, `files` the first few of those that it changed. */
export type Version = {
  id: string;
  time: string;
  cause: "edit" | "created" | "forked" | "imported" | "restored";
  authors: string[];
  /** Programs wrote too: in a terminal, a run. */
  programs: boolean;
  restored?: string | null;
  added: number;
  changed: number;
  deleted: number;
  files: { path: string; change: FileChange }[];
};

/** A file that is not the same in two versions; sizes in bytes, null where it is not. */
export type ChangedFile = {
  path: string;
  change: FileChange;
  kind: "file" | "link" | "folder";
  before: number | null;
  after: number | null;
};

/** What lies between two versions; `since` null: nothing was before. */
export type Changes = { since: string | null; files: ChangedFile[]; total: number };

export type Hour = { key: string; name: string; versions: Version[] };
export type Day = { key: string; name: string; hours: Hour[] };

const dayNames = new Intl.DateTimeFormat("en", { weekday: "long", day: "numeric", month: "long" });
const dayNamesOfYears = new Intl.DateTimeFormat("en", { day: "numeric", month: "long", year: "numeric" });
const two = (number: number) => String(number).padStart(2, "0");

/** Versions, newest first, by the days and hours of the clock on the wall. */
export function daysOf(versions: readonly Version[], now: Date): Day[] {
  const days: Day[] = [];
  for (const version of versions) {
    const at = new Date(version.time);
    const key = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    let day = days.at(-1);
    if (day?.key !== key) days.push((day = { key, name: dayName(at, now), hours: [] }));
    const hourKey = `${key} ${two(at.getHours())}`;
    let hour = day.hours.at(-1);
    if (hour?.key !== hourKey)
      day.hours.push((hour = { key: hourKey, name: `${two(at.getHours())}:00`, versions: [] }));
    hour.versions.push(version);
  }
  return days;
}

/** "Today", "Yesterday", "Monday, November 23", "March 3, 2025". */
export function dayName(at: Date, now: Date): string {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return at.getFullYear() === now.getFullYear() ? dayNames.format(at) : dayNamesOfYears.format(at);
}

export function clock(time: string): string {
  const at = new Date(time);
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** When, in words that stand alone: "Today, 14:05:20". */
export function whenOf({ time }: Version, now: Date): string {
  return `${dayName(new Date(time), now)}, ${clock(time)}`;
}

const starts = {
  created: "Made from a template",
  forked: "Forked from a workspace",
  imported: "Imported",
} as const;

/** What a version is about, in a line. */
export function titleOf(version: Version): string {
  if (version.cause in starts) return starts[version.cause as keyof typeof starts];
  const count = version.added + version.changed + version.deleted;
  if (version.cause === "restored") return `Restored ${counted(count)}`;
  const first = version.files[0]?.path;
  if (first === undefined) return count === 0 ? "Folders only" : counted(count);
  const name = first.slice(first.lastIndexOf("/") + 1);
  return count > 1 ? `${name} and ${count - 1} more` : name;
}

/** Who, in a line; empty where nobody knows. */
export function whoOf({ authors, programs }: Version): string {
  return [...authors, ...(programs ? ["programs"] : [])].join(", ");
}

export function counted(count: number): string {
  return `${count} ${count === 1 ? "file" : "files"}`;
}

/** The newest versions, with those from before that are older than all of them. */
export function merged(fresh: readonly Version[], before: readonly Version[]): Version[] {
  const last = fresh.at(-1);
  if (!last) return [];
  const at = before.findIndex(({ id }) => id === last.id);
  return at < 0 ? [...fresh] : [...fresh, ...before.slice(at + 1)];
}
