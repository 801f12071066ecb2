/** "640 KB", "1.2 GB": three digits at most. */
export function bytesOf(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value < 10 && unit > 1 ? value.toFixed(1) : Math.round(value)} ${units[unit] ?? ""}`;
}

/** Processors in use as a share of those that there are: "12 %". */
export function shareOf(cpu: number | undefined, processors: number): string {
  return cpu === undefined ? "–" : `${Math.round((100 * cpu) / Math.max(processors, 0.01))} %`;
}

/** Why the workspace is awake, a sentence each; never empty while a page asks. */
export function awakeWords({ pages, awake }: { pages: number; awake: readonly string[] }): string[] {
  const open = pages === 0 ? [] : [pages === 1 ? "This page is open." : `${pages} pages are open.`];
  return [...open, ...awake];
}

/** "15 minutes", "1 hour", "30 seconds". */
export function minutesOf(minutes: number): string {
  const [count, unit] =
    minutes < 1
      ? [Math.round(minutes * 60), "second"]
      : minutes >= 120 || minutes === 60
        ? [Math.round(minutes / 60), "hour"]
        : [Math.round(minutes), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
