import type { Startup } from "@/api/api";
import { tooManyPages, type ConnectionState } from "@/connection";
import type { Keeping } from "@/documents";
import { restoringWords } from "./startup";

/** A line above the panes. `tone` "quiet" is progress, nothing is wrong. */
export type Banner = {
  tone: "quiet" | "warning" | "error";
  text: string;
  action: "retry" | "wake" | "home" | null;
  /** 0..1 of the way; null: not known; absent: no bar. */
  progress?: number | null;
};

type Facts = {
  connection: ConnectionState;
  startup: Startup | null;
  /** Whether the workspace was reached before in this visit. */
  known: boolean;
  /** Files with edits that the workspace does not have yet. */
  waiting: number;
  /** Where those are kept meanwhile. */
  keeping: Keeping;
  /** Unix milliseconds. */
  now: number;
};

/** How long a connection may take before anything is said about it. Milliseconds. */
const patience = 400;

/** What to say above the panes; null when all is well. */
export function bannerOf({ connection, startup, known, waiting, keeping, now }: Facts): Banner | null {
  const { kind, reason, retryAt, since } = connection;
  if (kind === "online") return null;
  if (kind === "refused") return { tone: "error", text: reason || "The workspace cannot be opened.", action: "home" };
  if (kind === "asleep") return { tone: "quiet", text: `${reason} ${asleepWords(waiting)}`, action: "wake" };
  if (startup?.state === "failed") {
    return { tone: "error", text: startup.message ?? "The workspace could not start.", action: "retry" };
  }
  if (startup?.state === "restoring") {
    const { doneBytes, totalBytes } = startup;
    return { tone: "quiet", text: restoringWords(startup), action: null, progress: share(doneBytes, totalBytes) };
  }
  const turnedAway = reason === tooManyPages;
  if (!known && kind === "connecting" && !turnedAway) {
    if (now - since < patience) return null;
    return { tone: "quiet", text: startup?.message ?? "Starting the workspace", action: null, progress: null };
  }
  const keep = keepWords(waiting, keeping);
  const seconds = retryAt === null ? 0 : Math.ceil((retryAt - now) / 1000);
  const next = kind === "connecting" || seconds <= 0 ? "Reconnecting" : `Retrying in ${seconds} s`;
  if (known && kind === "connecting" && now - since < patience && connection.attempt <= 1) return null;
  if (turnedAway) return { tone: "warning", text: `${reason} ${keep} ${next}.`, action: "retry" };
  const coming = startup?.state === "starting" || startup?.state === "stopping" ? startup.message : null;
  const lost = known ? "Connection lost." : "You are offline: files are shown as this browser has them.";
  const why = coming ? ` ${coming}` : !known && reason ? ` ${reason}` : "";
  return { tone: "warning", text: `${lost}${why} ${keep} ${next}.`, action: "retry" };
}

const places: Record<Keeping, string> = {
  browser: "only in this browser, not safe yet",
  tab: "only in this tab, not safe yet: keep it open",
  not: "only in this window, not safe: this browser has no room to keep them, so leave it open",
};

function keepWords(waiting: number, keeping: Keeping): string {
  if (waiting === 0)
    return keeping === "browser" ? "Keep typing: edits wait here." : `Edits are kept ${places[keeping]}.`;
  return `Edits in ${waiting} ${waiting === 1 ? "file" : "files"} are ${places[keeping]}.`;
}

function asleepWords(waiting: number): string {
  return waiting === 0 ? "Typing wakes it." : `Edits in ${waiting} ${waiting === 1 ? "file" : "files"} wait here.`;
}

function share(done: number | null | undefined, total: number | null | undefined): number | null {
  return total ? (done ?? 0) / total : null;
}
