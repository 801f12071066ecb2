import { AppWindow, Code, Files, SquareTerminal } from "lucide-react";
import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { cn } from "@/components/cn";
import { ErrorBoundary } from "@/components/ErrorBoundary";
import { later } from "@/components/later";
import { useStore } from "@/connection";
import { useRemembered } from "@/preferences/remembered";
import type { Keymap } from "@/preferences/settings";
import { usePreferences } from "@/preferences/preferences";
import { useCoarsePointer, useNarrow } from "@/preferences/theme";
import { Alerts } from "./Alerts";
import { commandOf, type CommandId, type Place } from "./commands";
import { useEffectiveSettings } from "./effective";
import { ConnectionBanner } from "./ConnectionBanner";
import type { Naming } from "./files/FileTree";
import { FilesPane } from "./files/FilesPane";
import { useKeyTarget } from "./keys/useKeyTarget";
import { useRoom } from "./keys/useRoom";
import { type Layout, type Pane, type Side } from "./layout";
import { performer } from "./performer";
import type { PaletteMode } from "./palette/Palette";
import { TypedAhead } from "./palette/TypedAhead";
import type { WorkspaceSession } from "./session";
import { SideRail } from "./side/SideBar";
import { SleepBanner } from "./SleepBanner";
import { Split } from "./Split";
import { StatusBar } from "./status/StatusBar";
import { EditorPane, type Cursor } from "./tabs/EditorPane";
import { TopBar } from "./TopBar";

const paneToCome = <div aria-busy className="h-full bg-sidebar" />;
const TerminalPanel = later(() => import("./terminals/TerminalPanel"), paneToCome);
const OutputPane = later(() => import("./output/OutputPane"), paneToCome);
const MachineSheet = later(() => import("./machine/MachineSheet"));
const Palette = later(() => import("./palette/Palette"), <TypedAhead />);
const SearchPane = later(() => import("./search/SearchPane"), paneToCome);
const PackagesPane = later(() => import("./packages/PackagesPane"), paneToCome);
const HistoryPane = later(() => import("./history/HistoryPane"), paneToCome);
const SettingsDialog = later(() => import("./settings/SettingsDialog"));
const KeyBar = later(() => import("@/keys/KeyBar"));
const VariablesDialog = later(() => import("./variables/VariablesDialog"));
const ShareDialog = later(() => import("@/sharing/ShareDialog"));
const Shortcuts = later(() => import("./palette/Shortcuts"));

export type Sheet = PaletteMode | "settings" | "shortcuts" | "machine" | "variables" | "share" | null;

/** The frame of a workspace: its panes, the keys, and what they do. */
export function WorkspaceFrame({ session }: { session: WorkspaceSession }) {
  const hello = useStore(session.connection.hello);
  const narrow = useNarrow();
  const layout = useStore(session.view.layout);
  const settled = useStore(session.settled);
  const setLayout = useCallback((next: Layout) => session.view.setLayout(next), [session]);
  const [pane, setPane] = useState<Pane>("editor");
  const [sheet, setSheet] = useState<Sheet>(null);
  const [naming, setNaming] = useState<Naming | null>(null);
  const [log, setLog] = useRemembered("log", false);
  const [cursor, setCursor] = useState<Cursor | null>(null);
  const canEdit = hello?.role !== "viewer";
  const keyTarget = useKeyTarget(session, useKeyBarWanted() && canEdit);
  const room = useRoom();

  const show = useCallback(
    (which: Pane) => {
      if (narrow) setPane(which);
      else if (which !== "editor") setLayout({ ...layout, [which]: true });
    },
    [narrow, layout, setLayout],
  );
  const showSide = useCallback(
    (side: Side) => {
      if (narrow) setPane("files");
      setLayout({ ...layout, files: true, side });
    },
    [narrow, layout, setLayout],
  );
  const opened = () => {
    if (narrow) setPane("editor");
  };
  const perform = performer({
    session,
    toggle: (which) => {
      if (narrow) setPane(which);
      else setLayout({ ...layout, [which]: !layout[which] });
      return narrow || !layout[which];
    },
    show,
    showSide,
    open: setSheet,
    name: setNaming,
  });
  useKeys(perform, useEffectiveSettings(session).keymap);
  useEffect(() => {
    if (settled) Palette.fetch();
  }, [settled]);
  useOutputShownWhenAPortAppears(session, show);
  useOutputShownWhenAskedFor(session, show);
  useEditorShownToFollow(session, show);

  const showRunLog = () => {
    if (hello?.run.terminal !== undefined) session.shells.active.set(hello.run.terminal);
    show("terminal");
  };
  const logTerminal = log && (narrow ? pane === "output" : layout.output) ? (hello?.run.terminal ?? null) : null;

  const rail = (
    <SideRail
      shown={narrow || layout.files ? layout.side : null}
      across={narrow}
      onSide={showSide}
      onHide={() => setLayout({ ...layout, files: false })}
      onCommand={perform}
    />
  );
  const side = {
    files: () => (
      <FilesPane
        session={session}
        canEdit={canEdit}
        naming={naming}
        onNaming={setNaming}
        onOpened={opened}
        onHistory={(path) => {
          session.history.show(path);
          showSide("history");
        }}
      />
    ),
    search: () => (
      <Part what="The search">
        <SearchPane session={session} canEdit={canEdit} onOpened={opened} />
      </Part>
    ),
    packages: () => (
      <Part what="The dependencies">
        <PackagesPane session={session} canEdit={canEdit} onTerminal={() => show("terminal")} />
      </Part>
    ),
    history: () => (
      <Part what="The history">
        <HistoryPane session={session} canEdit={canEdit} onOpened={opened} />
      </Part>
    ),
  }[layout.side]();
  const editor = (
    <EditorPane
      session={session}
      cursor={cursor}
      onCursor={setCursor}
      onCommand={perform}
      onHistory={(path) => {
        session.history.show(path);
        showSide("history");
      }}
    />
  );
  const terminal = (
    <Part what="The terminal">
      <TerminalPanel
        session={session}
        canEdit={canEdit}
        elsewhere={logTerminal}
        onHere={() => setLog(false)}
        onHide={narrow ? null : () => setLayout({ ...layout, terminal: false })}
      />
    </Part>
  );
  const output = (
    <Part what="The output">
      <OutputPane
        session={session}
        canEdit={canEdit}
        log={log}
        onLog={setLog}
        onRun={() => perform("run")}
        onHide={narrow ? null : () => setLayout({ ...layout, output: false })}
      />
    </Part>
  );
  return (
    <div
      className="relative flex h-full flex-col overflow-hidden"
      style={room ? { height: room.height, top: room.top } : undefined}
    >
      <TopBar session={session} layout={narrow ? null : layout} onCommand={perform} />
      <ConnectionBanner session={session} />
      <SleepBanner session={session} />
      <Alerts session={session} />
      <main className="relative min-h-0 flex-1">
        {narrow ? (
          pane === "files" ? (
            <div className="flex h-full flex-col">
              {rail}
              <div className="min-h-0 flex-1">{side}</div>
            </div>
          ) : (
            { editor, terminal, output }[pane]
          )
        ) : (
          <div className="flex h-full">
            {rail}
            <div className="relative min-w-0 flex-1">
              <Split
                direction="row"
                sized="first"
                size={layout.filesWidth}
                min={150}
                rest={480}
                label="Width of the side bar"
                onSize={(filesWidth) => setLayout({ ...layout, filesWidth })}
                first={layout.files ? side : null}
                second={
                  <Split
                    direction="row"
                    sized="second"
                    size={layout.outputWidth}
                    min={240}
                    rest={260}
                    label="Width of the output"
                    onSize={(outputWidth) => setLayout({ ...layout, outputWidth })}
                    first={
                      <Split
                        direction="column"
                        sized="second"
                        size={layout.terminalHeight}
                        min={90}
                        rest={120}
                        label="Height of the terminal"
                        onSize={(terminalHeight) => setLayout({ ...layout, terminalHeight })}
                        first={editor}
                        second={layout.terminal ? (settled ? terminal : paneToCome) : null}
                      />
                    }
                    second={layout.output ? (settled ? output : paneToCome) : null}
                  />
                }
              />
            </div>
          </div>
        )}
      </main>
      {keyTarget && <KeyBar target={keyTarget} />}
      {/* The keyboard takes half of a phone: what is not needed for typing makes room. */}
      {narrow && !room && <PaneBar pane={pane} onPane={setPane} />}
      {!(narrow && room) && (
        <StatusBar session={session} cursor={cursor} onRunLog={showRunLog} onMachine={() => setSheet("machine")} />
      )}
      {sheet !== null &&
        sheet !== "shortcuts" &&
        sheet !== "settings" &&
        sheet !== "machine" &&
        sheet !== "share" &&
        sheet !== "variables" && (
          <Palette key={sheet} session={session} mode={sheet} onClose={() => setSheet(null)} onCommand={perform} />
        )}
      {sheet === "settings" && (
        <SettingsDialog
          session={session}
          canEdit={canEdit}
          onKeys={() => setSheet("shortcuts")}
          onClose={() => setSheet(null)}
        />
      )}
      {sheet === "machine" && <MachineSheet session={session} canEdit={canEdit} onClose={() => setSheet(null)} />}
      {sheet === "variables" && <VariablesDialog session={session} onClose={() => setSheet(null)} />}
      {sheet === "share" && (
        <ShareDialog
          workspace={{ slug: session.slug, name: session.info.get()?.name ?? session.slug }}
          onClose={() => setSheet(null)}
          onHandedOver={() => setSheet(null)}
        />
      )}
      {sheet === "shortcuts" && <Shortcuts onClose={() => setSheet(null)} />}
    </div>
  );
}

/** A pane whose faults stay its own. */
function Part({ what, children }: { what: string; children: ReactNode }) {
  return <ErrorBoundary what={what}>{children}</ErrorBoundary>;
}

function useKeyBarWanted(): boolean {
  const { keyBar } = usePreferences();
  const coarse = useCoarsePointer();
  return keyBar === "always" || (keyBar === "touch" && coarse);
}

function useKeys(perform: (command: CommandId) => void, keymap: Keymap): void {
  const latest = useRef({ perform, keymap });
  useEffect(() => {
    latest.current = { perform, keymap };
  });
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      const command = commandOf(event, placeOf(event.target, latest.current.keymap));
      if (command === null) return;
      event.preventDefault();
      event.stopPropagation();
      latest.current.perform(command);
    };
    // Ahead of the editor and the terminal, which have meanings of their own for some of these keys.
    window.addEventListener("keydown", press, { capture: true });
    return () => window.removeEventListener("keydown", press, { capture: true });
  }, []);
}

function placeOf(target: EventTarget | null, keymap: Keymap): Place {
  if (!(target instanceof HTMLElement)) return "elsewhere";
  if (keymap !== "default" && target.closest(".cm-editor")) return keymap;
  if (target.closest(".xterm")) return "terminal";
  if (target.closest("[role=search]")) return "search";
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) ? "text" : "elsewhere";
}

/** The output comes by itself when a program begins to listen, not for ports that were there already. */
function useOutputShownWhenAPortAppears(session: WorkspaceSession, show: (pane: Pane) => void): void {
  const ports = useStore(session.connection.hello)?.ports;
  const seen = useRef<ReadonlySet<number> | null>(null);
  useEffect(() => {
    if (!ports) return;
    const before = seen.current;
    seen.current = new Set(ports.map(({ port }) => port));
    if (before && ports.some(({ port }) => !before.has(port))) show("output");
  }, [ports, show]);
}

/** A link to a port was followed. */
function useOutputShownWhenAskedFor(session: WorkspaceSession, show: (pane: Pane) => void): void {
  const latest = useRef(show);
  useEffect(() => {
    latest.current = show;
  });
  useEffect(
    () =>
      session.previews.wanted.subscribe(() => {
        if (session.previews.wanted.get() !== null) latest.current("output");
      }),
    [session],
  );
}

/** On a narrow screen what someone else looks at is not seen behind another pane. */
function useEditorShownToFollow(session: WorkspaceSession, show: (pane: Pane) => void): void {
  const followed = useStore(session.following.person)?.id;
  const latest = useRef(show);
  useEffect(() => {
    latest.current = show;
  });
  useEffect(() => {
    if (followed !== undefined) latest.current("editor");
  }, [followed]);
}

const panes: { id: Pane; name: string; icon: typeof Files }[] = [
  { id: "files", name: "Files", icon: Files },
  { id: "editor", name: "Editor", icon: Code },
  { id: "terminal", name: "Terminal", icon: SquareTerminal },
  { id: "output", name: "Output", icon: AppWindow },
];

/** On a narrow screen: one pane at a time, chosen here. */
function PaneBar({ pane, onPane }: { pane: Pane; onPane: (pane: Pane) => void }) {
  return (
    <nav aria-label="Panes" className="grid shrink-0 grid-cols-4 border-t bg-sidebar">
      {panes.map(({ id, name, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-current={id === pane}
          className={cn(
            "flex h-12 flex-col items-center justify-center gap-0.5 text-2xs focus-visible:-outline-offset-2",
            id === pane ? "text-primary" : "text-muted-foreground",
          )}
          onClick={() => onPane(id)}
        >
          <Icon aria-hidden className="size-4.5" />
          {name}
        </button>
      ))}
    </nav>
  );
}
