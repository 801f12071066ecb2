/** Everything that can be done by key or from the palette. `keys` as in "Ctrl+Shift+P"; on a Mac Ctrl also means Cmd. */
export const commands = [
  { id: "find-file", title: "Go to file", keys: "Ctrl+P" },
  { id: "palette", title: "Show all commands", keys: "Ctrl+Shift+P" },
  { id: "go-to-symbol", title: "Go to symbol in the file", keys: "Ctrl+Shift+O" },
  { id: "go-to-line", title: "Go to line", keys: "Ctrl+G" },
  { id: "switch-file", title: "Switch between open files", keys: "Ctrl+E" },
  { id: "search", title: "Search in all files", keys: "Ctrl+Shift+F" },
  { id: "replace", title: "Replace in all files", keys: "Ctrl+Shift+H" },
  { id: "next-match", title: "Next match of the search", keys: "F4" },
  { id: "previous-match", title: "Previous match of the search", keys: "Shift+F4" },
  { id: "format", title: "Format the file", keys: "Shift+Alt+F" },
  { id: "save", title: "Save; format where that is wanted", keys: "Ctrl+S" },
  { id: "run", title: "Run the program, or start it again", keys: "Ctrl+Enter" },
  { id: "stop", title: "Stop the program", keys: "" },
  { id: "install", title: "Install dependencies", keys: "" },
  { id: "test", title: "Run the tests", keys: "" },
  { id: "show-files", title: "Show the files", keys: "Ctrl+Shift+E" },
  { id: "toggle-files", title: "Show or hide the side bar", keys: "Ctrl+B" },
  { id: "toggle-terminal", title: "Show or hide the terminal", keys: "Ctrl+`" },
  { id: "toggle-output", title: "Show or hide the output", keys: "Ctrl+Alt+O" },
  { id: "output-back", title: "Go back in the output", keys: "" },
  { id: "output-reload", title: "Reload the output", keys: "" },
  { id: "output-open", title: "Open the output in a new tab", keys: "" },
  { id: "output-log", title: "Show or hide the log beside the output", keys: "" },
  { id: "output-fit", title: "Show the output as large as the pane", keys: "" },
  { id: "output-phone", title: "Show the output in the size of a phone", keys: "" },
  { id: "output-tablet", title: "Show the output in the size of a tablet", keys: "" },
  { id: "output-turn", title: "Turn the phone or tablet of the output", keys: "" },
  { id: "output-console", title: "Show or hide the console of the output", keys: "" },
  { id: "output-why", title: "Find out why the output is blank", keys: "" },
  { id: "output-on-phone", title: "Open the output on a phone", keys: "" },
  { id: "next-port", title: "Show the next port in the output", keys: "" },
  { id: "new-terminal", title: "New terminal", keys: "Ctrl+Shift+`" },
  { id: "next-pane", title: "To the next pane", keys: "F6" },
  { id: "previous-pane", title: "To the pane before", keys: "Shift+F6" },
  { id: "split-terminal", title: "Split the terminal", keys: "Ctrl+Shift+5" },
  { id: "next-terminal", title: "Next terminal", keys: "Alt+PageDown" },
  { id: "previous-terminal", title: "Previous terminal", keys: "Alt+PageUp" },
  { id: "find-in-terminal", title: "Find in the terminal", keys: "" },
  { id: "rename-terminal", title: "Rename the terminal", keys: "" },
  { id: "unsplit-terminal", title: "Give the terminal the whole width", keys: "" },
  { id: "close-terminal", title: "Close the terminal", keys: "" },
  { id: "copy-terminal", title: "Copy what is selected in the terminal", keys: "" },
  { id: "paste-terminal", title: "Paste into the terminal", keys: "" },
  { id: "select-terminal", title: "Select all in the terminal", keys: "" },
  { id: "clear-terminal", title: "Clear the terminal", keys: "" },
  { id: "screen-reader", title: "Screen reader support in terminals, on or off", keys: "" },
  { id: "machine", title: "Show processes, memory, and what keeps the workspace awake", keys: "" },
  { id: "new-file", title: "New file", keys: "" },
  { id: "new-folder", title: "New folder", keys: "" },
  { id: "variables", title: "Environment variables and secrets", keys: "" },
  { id: "packages", title: "Show the dependencies", keys: "" },
  { id: "history", title: "Show the history of the workspace", keys: "Ctrl+Alt+H" },
  { id: "file-history", title: "Show the history of the file", keys: "" },
  { id: "upload", title: "Upload files", keys: "" },
  { id: "upload-folder", title: "Upload a folder", keys: "" },
  { id: "upload-zip", title: "Upload and unpack a zip", keys: "" },
  { id: "close-folders", title: "Close all folders", keys: "" },
  { id: "cut-files", title: "Cut the chosen files", keys: "" },
  { id: "copy-files", title: "Copy the chosen files", keys: "" },
  { id: "paste-files", title: "Paste files into the chosen folder", keys: "" },
  { id: "duplicate-files", title: "Duplicate the chosen files", keys: "" },
  { id: "rename-file", title: "Rename the chosen file", keys: "" },
  { id: "delete-files", title: "Delete the chosen files", keys: "" },
  { id: "copy-path", title: "Copy the path of the chosen files", keys: "" },
  { id: "download-file", title: "Download the chosen file or folder", keys: "" },
  { id: "unpack-zip", title: "Unpack the chosen zip", keys: "" },
  { id: "compare-files", title: "Compare the two chosen files", keys: "" },
  { id: "undo-files", title: "Undo the last move, copy or deletion of files", keys: "" },
  { id: "compare-disk", title: "Compare the file with what is on disk", keys: "" },
  { id: "compare-kept", title: "Compare the file with its last kept version", keys: "" },
  { id: "close-tab", title: "Close the file", keys: "Alt+W" },
  { id: "close-other-tabs", title: "Close the other files", keys: "" },
  { id: "close-all-tabs", title: "Close all files", keys: "" },
  { id: "face-edit", title: "Show the text of a Markdown file or drawing", keys: "" },
  { id: "face-beside", title: "Show text and preview of a Markdown file or drawing", keys: "" },
  { id: "face-preview", title: "Show the preview of a Markdown file or drawing", keys: "" },
  { id: "next-tab", title: "Next file", keys: "Alt+]" },
  { id: "previous-tab", title: "Previous file", keys: "Alt+[" },
  { id: "wrap", title: "Wrap long lines, or not", keys: "Alt+Z" },
  { id: "larger", title: "Larger text", keys: "" },
  { id: "smaller", title: "Smaller text", keys: "" },
  { id: "theme", title: "Switch between light and dark", keys: "" },
  { id: "share", title: "Share the workspace", keys: "" },
  { id: "fork", title: "Fork the workspace", keys: "" },
  { id: "sleep", title: "Stop the workspace; it sleeps until it is opened again", keys: "" },
  { id: "download", title: "Download the workspace as zip", keys: "" },
  { id: "settings", title: "Settings", keys: "Ctrl+," },
  { id: "shortcuts", title: "Show the keyboard shortcuts", keys: "?" },
  { id: "home", title: "To my workspaces", keys: "" },
] as const;

export type CommandId = (typeof commands)[number]["id"];

type Keys = Pick<KeyboardEvent, "key" | "code" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">;

/** What a shell or its programs use themselves stays theirs while a terminal has the focus. */
const keptInTerminal: ReadonlySet<CommandId> = new Set([
  "palette",
  "run",
  "toggle-terminal",
  "new-terminal",
  "next-pane",
  "previous-pane",
  "split-terminal",
  "next-terminal",
  "previous-terminal",
]);

/** What is something else where these have the focus: the keys of other editors, the switches of the search. */
const keptIn: Record<"vim" | "emacs" | "search", ReadonlySet<CommandId>> = {
  search: new Set(["close-tab"]),
  vim: new Set(["switch-file", "toggle-files", "go-to-line"]),
  emacs: new Set(["find-file", "switch-file", "toggle-files", "go-to-line", "save", "close-tab", "wrap", "settings"]),
};

/** Where a key was pressed: in a terminal, in a text, in the search, in an editor with the keys of another, or elsewhere. */
export type Place = "terminal" | "text" | "search" | "vim" | "emacs" | "elsewhere";

/** The command of a key press, or null. */
export function commandOf(event: Keys, place: Place): CommandId | null {
  if (event.key === "F1") return "palette";
  // Most browsers keep Ctrl-Tab to themselves; an installed page gets it.
  if (event.key === "Tab" && event.ctrlKey && !event.altKey && place !== "terminal") return "switch-file";
  const id = commands.find(({ keys }) => keys !== "" && pressed(event, keys))?.id ?? null;
  if (id === null) return null;
  if (place === "terminal" && !keptInTerminal.has(id)) return null;
  if (place !== "elsewhere" && id === "shortcuts") return null;
  if ((place === "vim" || place === "emacs" || place === "search") && keptIn[place].has(id)) return null;
  return id;
}

function pressed(event: Keys, keys: string): boolean {
  if (keys === "?") return event.key === "?" && !event.ctrlKey && !event.metaKey && !event.altKey;
  const parts = keys.split("+");
  const key = parts.at(-1) ?? "";
  const main = event.ctrlKey || event.metaKey;
  return (
    main === parts.includes("Ctrl") &&
    event.shiftKey === parts.includes("Shift") &&
    event.altKey === parts.includes("Alt") &&
    (event.key.toLowerCase() === key.toLowerCase() || event.code === codes[key])
  );
}

/** Keys whose character changes with Shift, Alt or the layout, by their place. */
const codes: Record<string, string> = {
  "`": "Backquote",
  "[": "BracketLeft",
  "]": "BracketRight",
  W: "KeyW",
  Z: "KeyZ",
  O: "KeyO",
  F: "KeyF",
  H: "KeyH",
  5: "Digit5",
};
