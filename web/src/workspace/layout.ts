/** What the side bar can show. */
export const sideNames = ["files", "search", "packages", "history"] as const;

export type Side = (typeof sideNames)[number];

/** Which panes are shown, and their sizes in CSS pixels. The editor has what is left. */
export type Layout = {
  /** The side bar. */
  files: boolean;
  side: Side;
  terminal: boolean;
  output: boolean;
  filesWidth: number;
  terminalHeight: number;
  outputWidth: number;
};

/** What a first visit gets: the output comes by itself when a program listens. */
export function firstLayout(width: number, height: number): Layout {
  return {
    files: true,
    side: "files",
    terminal: true,
    output: width >= 1000,
    filesWidth: width >= 1200 ? 232 : 188,
    terminalHeight: Math.round(Math.min(320, height * 0.32)),
    outputWidth: Math.round(Math.max(300, Math.min(560, width * 0.34))),
  };
}

export type Pane = "files" | "editor" | "terminal" | "output";
