import { toast } from "sonner";
import { api } from "@/api/api";
import { messageOf } from "@/api/request";
import { navigate } from "@/app/router";
import type { Task } from "@/connection";
import { preferences, setPreferences } from "@/preferences/preferences";
import type { CommandId } from "./commands";
import type { Naming } from "./files/FileTree";
import type { Pane } from "./layout";
import type { WorkspaceSession } from "./session";
import { neighbour } from "./tabs/tabs";
import type { Sheet } from "./WorkspaceFrame";

type Stage = {
  session: WorkspaceSession;
  toggle: (pane: Exclude<Pane, "editor">) => void;
  show: (pane: Pane) => void;
  open: (sheet: Sheet) => void;
  name: (naming: Naming) => void;
};

/** Gives the function that does any command. */
export function performer({ session, toggle, show, open, name }: Stage): (command: CommandId) => void {
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
    show("files");
    name({ kind, folder: "" });
  };
  const size = (step: number) => {
    setPreferences({ fontSize: Math.min(24, Math.max(9, preferences().fontSize + step)) });
  };
  const does: Record<CommandId, () => void> = {
    "find-file": () => open("files"),
    palette: () => open("commands"),
    shortcuts: () => open("shortcuts"),
    run: () => start("run"),
    install: () => start("install"),
    test: () => start("test"),
    stop: () => tell(connection.request("run.stop", {})),
    "toggle-files": () => toggle("files"),
    "toggle-terminal": () => toggle("terminal"),
    "toggle-output": () => toggle("output"),
    "new-terminal": () => {
      if (!mayEdit()) return;
      show("terminal");
      tell(shells.create());
    },
    "new-file": () => create("file"),
    "new-folder": () => create("folder"),
    "close-tab": () => {
      const { active } = tabs.tabs.get();
      if (active !== null) tabs.closeTab(active);
    },
    "next-tab": () => goTo(neighbour(tabs.tabs.get(), 1)),
    "previous-tab": () => goTo(neighbour(tabs.tabs.get(), -1)),
    wrap: () => setPreferences({ wrap: !preferences().wrap }),
    larger: () => size(1),
    smaller: () => size(-1),
    theme: () => setPreferences({ theme: document.documentElement.classList.contains("dark") ? "light" : "dark" }),
    download: () => location.assign(api.archiveAddress(session.slug)),
    home: () => navigate("/"),
  };
  return (command) => does[command]();
}
