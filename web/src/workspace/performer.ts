import { toast } from "sonner";
import { api } from "@/api/api";
import { messageOf } from "@/api/request";
import { navigate } from "@/app/router";
import { RequestError, type Task } from "@/connection";
import { preferences, setPreferences } from "@/preferences/preferences";
import type { CommandId } from "./commands";
import { compareWithDisk, compareWithKept } from "./compare/compare";
import { workspaceSettings } from "./effective";
import type { Naming } from "./files/FileTree";
import type { Pane, Side } from "./layout";
import type { WorkspaceSession } from "./session";
import { focusPane } from "./panes";
import { nextMatch } from "./search/found";
import { neighbour } from "./tabs/tabs";
import { copyFrom, pasteInto } from "./terminals/clipboard";
import type { Sheet } from "./WorkspaceFrame";

type Stage = {
  session: WorkspaceSession;
  /** Tells whether it is shown now. */
  toggle: (pane: Exclude<Pane, "editor">) => boolean;
  show: (pane: Pane) => void;
  showSide: (side: Side) => void;
  open: (sheet: Sheet) => void;
  name: (naming: Naming) => void;
};

/** Gives the function that does any command. */
export function performer({ session, toggle, show, showSide, open, name }: Stage): (command: CommandId) => void {
  const { connection, tabs, shells } = session;
  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  const mayEdit = () => {
    if (connection.hello.get()?.role !== "viewer") return true;
    toast.info("You may look at everything here, and change nothing.");
    return false;
  };
  const start = (task: Task) => {
    if (!mayEdit()) return;
    const state = connection.hello.get()?.run.state;
    const again = task === "run" && (state === "running" || state === "installing");
    session.documents.pushAll();
    tell(
      again
        ? connection.request("run.restart", {})
        : connection.request("run.start", { task }).then(({ terminal }) => {
            shells.active.set(terminal);
            if (task !== "run" || connection.hello.get()?.project.port === undefined) show("terminal");
          }),
    );
  };
  const goTo = (path: string | null) => {
    if (path !== null) tabs.open(path, { preview: tabs.tabs.get().preview === path });
  };
  const create = (kind: "file" | "folder") => {
    if (!mayEdit()) return;
    showSide("files");
    name({ kind, folder: "" });
  };
  const goToMatch = (step: 1 | -1) => {
    const path = tabs.tabs.get().active;
    const state = session.editor.get()?.state;
    const end = state?.selection.main.to ?? 0;
    const line = state?.doc.lineAt(end);
    const from = path !== null && line ? { path, line: line.number, column: end - line.from + 1 } : null;
    const next = nextMatch(session.search.found.get(), from, step);
    if (!next) {
      toast.info("There is no match. Search in all files with Ctrl+Shift+F.");
      return;
    }
    const { line: number, column, length } = next.match;
    tabs.open(next.path, { preview: true, at: { line: number, column, length } });
    show("editor");
  };
  const search = (replacing: boolean) => {
    const view = session.editor.get();
    const range = view?.state.selection.main;
    const selected = view?.hasFocus && range ? view.state.sliceDoc(range.from, range.to) : "";
    // What is selected in the editor is what one means to look for.
    const text = selected !== "" && !selected.includes("\n") ? { text: selected } : {};
    const before = session.search.form.get().text;
    session.search.set({ ...text, replacing });
    if (session.search.form.get().text !== before) void session.search.start();
    showSide("search");
    nextFrame(() => {
      const field = document.querySelector<HTMLInputElement>("[role=search] input");
      field?.focus();
      field?.select();
    });
  };
  const format = (asked: boolean) => {
    if (!mayEdit()) return;
    import("./format/format")
      .then(({ formatActive }) => formatActive(session))
      .then(
        (done) => {
          if (!done) toast.info("Open a file first.", { id: "format" });
          else if (asked && !done.changed) toast.info(`${done.tool} changes nothing.`, { id: "format" });
        },
        (error: unknown) => {
          const quiet = !asked && error instanceof RequestError && error.code === "bad_request";
          // A file of a kind that nothing formats is simply saved.
          if (quiet) toast.info("Every edit is saved as you type.", { id: "save" });
          else toast.error(messageOf(error), { id: "format" });
        },
      );
  };
  const compare = (how: typeof compareWithDisk) => {
    const { active } = tabs.tabs.get();
    if (active !== null) session.diff.set(how(session, active));
    show("editor");
  };
  const inPane = (ready: () => void, otherwise: string, editing: boolean) => (command: CommandId) => () => {
    if (editing && !mayEdit()) return;
    ready();
    session.offers.ask(command, otherwise);
  };
  const inFiles = inPane(() => showSide("files"), "The files are not there yet.", false);
  const onFiles = inPane(() => showSide("files"), "The files are not there yet.", true);
  const inOutput = inPane(() => show("output"), "No page is shown in the output. Run the program first.", false);
  const inEditor = inPane(() => show("editor"), "Open a Markdown file or a drawing first.", false);
  const inTerminal = (does: (shown: string) => void) => {
    show("terminal");
    if (shells.shown !== null) does(shells.shown.id);
  };
  const share = async () => {
    if (session.info.get()?.role !== "owner") return void toast.info("Its owner shares a workspace.");
    if ((await api.session()).accounts) open("share");
    else toast.info("There is nobody to share with: this server has no accounts (dropit up --accounts).");
  };
  const history = (path: string | null) => {
    session.history.show(path);
    showSide("history");
  };
  const size = (step: number) => {
    setPreferences({ fontSize: Math.min(24, Math.max(9, preferences().fontSize + step)) });
  };
  const does: Record<CommandId, () => void> = {
    "find-file": () => open("files"),
    palette: () => open("commands"),
    "go-to-symbol": () => open("symbols"),
    "go-to-line": () => open("line"),
    "switch-file": () => open("open"),
    search: () => search(false),
    replace: () => search(true),
    "next-match": () => goToMatch(1),
    "previous-match": () => goToMatch(-1),
    settings: () => open("settings"),
    shortcuts: () => open("shortcuts"),
    format: () => format(true),
    save: () => {
      const { formatOnSave } = { ...preferences(), ...workspaceSettings(connection.hello.get()) };
      session.documents.pushAll();
      if (formatOnSave && connection.hello.get()?.role !== "viewer") format(false);
      else toast.info("Every edit is saved as you type.", { id: "save" });
    },
    run: () => start("run"),
    install: () => start("install"),
    test: () => start("test"),
    stop: () => tell(connection.request("run.stop", {})),
    "show-files": () => {
      showSide("files");
      nextFrame(() => document.querySelector<HTMLElement>("[role=tree][aria-label=Files]")?.focus());
    },
    "toggle-files": () => void toggle("files"),
    "toggle-terminal": () => {
      const within = document.activeElement?.closest(".xterm");
      if (toggle("terminal")) shells.enter();
      else if (within) session.editor.get()?.focus();
    },
    "toggle-output": () => void toggle("output"),
    "new-terminal": () => {
      if (!mayEdit()) return;
      show("terminal");
      tell(shells.create());
    },
    "next-pane": () => focusPane(1),
    "previous-pane": () => focusPane(-1),
    "split-terminal": () => {
      if (!mayEdit()) return;
      show("terminal");
      tell(shells.split());
    },
    "next-terminal": () => shells.step(1),
    "previous-terminal": () => shells.step(-1),
    "find-in-terminal": () => inTerminal((shown) => shells.withHandle(shown, (handle) => handle.find())),
    "clear-terminal": () => shells.handle()?.clear(),
    "screen-reader": () => {
      const screenReader = !preferences().screenReader;
      setPreferences({ screenReader });
      toast.info(
        screenReader ? "Screen readers can read the terminals now." : "Terminals are drawn as pictures again.",
      );
    },
    "rename-terminal": inPane(() => show("terminal"), "No terminal is open.", true)("rename-terminal"),
    "unsplit-terminal": () => inTerminal((shown) => shells.unsplit(shown)),
    "close-terminal": () => inTerminal((shown) => mayEdit() && tell(shells.end(shown))),
    "copy-terminal": () => void copyFrom(shells.handle()),
    "paste-terminal": () => {
      if (mayEdit()) void pasteInto(shells.handle());
    },
    "select-terminal": () => shells.handle()?.selectAll(),
    "output-back": inOutput("output-back"),
    "output-reload": inOutput("output-reload"),
    "output-open": inOutput("output-open"),
    "output-log": inPane(() => show("output"), "No program has run yet.", false)("output-log"),
    "output-fit": inOutput("output-fit"),
    "output-phone": inOutput("output-phone"),
    "output-tablet": inOutput("output-tablet"),
    "output-turn": inOutput("output-turn"),
    "output-console": inOutput("output-console"),
    "output-why": inOutput("output-why"),
    "output-on-phone": inOutput("output-on-phone"),
    "next-port": inPane(() => show("output"), "No other program listens.", false)("next-port"),
    machine: () => open("machine"),
    "new-file": () => create("file"),
    "new-folder": () => create("folder"),
    variables: () => {
      if (mayEdit()) open("variables");
    },
    packages: () => showSide("packages"),
    history: () => history(null),
    "file-history": () => {
      const { active } = tabs.tabs.get();
      if (active !== null) history(active);
      else toast.info("Open a file first.");
    },
    upload: onFiles("upload"),
    "upload-folder": onFiles("upload-folder"),
    "upload-zip": onFiles("upload-zip"),
    "close-folders": inFiles("close-folders"),
    "cut-files": onFiles("cut-files"),
    "copy-files": onFiles("copy-files"),
    "paste-files": onFiles("paste-files"),
    "duplicate-files": onFiles("duplicate-files"),
    "rename-file": onFiles("rename-file"),
    "delete-files": onFiles("delete-files"),
    "copy-path": inFiles("copy-path"),
    "download-file": inFiles("download-file"),
    "unpack-zip": onFiles("unpack-zip"),
    "compare-files": inFiles("compare-files"),
    "undo-files": () => {
      if (mayEdit()) tell(session.fileActions.undo());
    },
    "compare-disk": () => compare(compareWithDisk),
    "compare-kept": () => compare(compareWithKept),
    "close-tab": () => {
      const { active } = tabs.tabs.get();
      if (active !== null) tabs.closeTab(active);
    },
    "close-other-tabs": () => {
      const { active } = tabs.tabs.get();
      if (active !== null) tabs.closeOthers(active);
    },
    "close-all-tabs": () => tabs.closeAll(),
    "face-edit": inEditor("face-edit"),
    "face-beside": inEditor("face-beside"),
    "face-preview": inEditor("face-preview"),
    "next-tab": () => goTo(neighbour(tabs.tabs.get(), 1)),
    "previous-tab": () => goTo(neighbour(tabs.tabs.get(), -1)),
    wrap: () => setPreferences({ wrap: !preferences().wrap }),
    larger: () => size(1),
    smaller: () => size(-1),
    theme: () => setPreferences({ theme: document.documentElement.classList.contains("dark") ? "light" : "dark" }),
    share: () => tell(share()),
    fork: () =>
      tell(
        api.fork(session.slug).then(({ name: made, slug }) => {
          toast.success(`${made} was made.`, { action: { label: "Open", onClick: () => navigate(`/w/${slug}`) } });
        }),
      ),
    sleep: () => {
      if (mayEdit()) tell(api.stop(session.slug));
    },
    download: () => location.assign(api.archiveAddress(session.slug)),
    home: () => navigate("/"),
  };
  return (command) => does[command]();
}

/** Moves the keyboard when what was shown is there; not out of a dialog that was opened meanwhile. */
function nextFrame(focus: () => void): void {
  requestAnimationFrame(() => {
    if (!document.querySelector("[role=dialog], [role=alertdialog]")) focus();
  });
}
