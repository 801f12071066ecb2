import { Command, FilePlus, FileQuestion, Play, Search } from "lucide-react";
import { useCallback, useEffect, useLayoutEffect, useRef, type ReactNode } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { DropMark } from "@/components/Brand";
import { ErrorBoundary } from "@/components/ErrorBoundary";
import { later } from "@/components/later";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Skeleton } from "@/components/ui/skeleton";
import { useStore, type Person } from "@/connection";
import type { DocumentHandle } from "@/documents";
import { useAway } from "../away";
import { commands, type CommandId } from "../commands";
import { useEffectiveSettings } from "../effective";
import { download } from "../files/download";
import { nameOf } from "../files/tree";
import { imageName } from "../images/image";
import { FollowFrame } from "../people/FollowFrame";
import type { WorkspaceSession } from "../session";
import { Breadcrumbs } from "./Breadcrumbs";
import { Faces, hasFaces } from "./Faces";
import { TabStrip } from "./TabStrip";

const Editor = later(() => import("@/editor"), <CodeSkeleton />);
const ImageView = later(() => import("../images/ImageView"), <CodeSkeleton />);
const ComparePane = later(() => import("../compare/ComparePane"), <CodeSkeleton />);
// The editor comes beside the frame, not after it.
Editor.fetch();

const nobody: readonly Person[] = [];

export type Cursor = { line: number; column: number; selected: number };

type EditorPaneProps = {
  session: WorkspaceSession;
  cursor: Cursor | null;
  onCursor: (cursor: Cursor) => void;
  onCommand: (command: CommandId) => void;
  /** The history of a file is asked for. */
  onHistory: (path: string) => void;
};

export function EditorPane({ session, cursor, onCursor, onCommand, onHistory }: EditorPaneProps) {
  const { active, paths } = useStore(session.tabs.tabs);
  const away = useAway(session);
  const waiting = useStore(session.tabs.waiting) && paths.length === 0 && !away;
  const comparison = useStore(session.diff);
  const onSave = () => onCommand("save");
  // Who goes to another file has seen enough of the comparison.
  useEffect(() => () => session.diff.set(null), [active, session]);
  return (
    <section aria-label="Editor" className="flex h-full flex-col bg-editor">
      {paths.length > 0 && <TabStrip session={session} onHistory={onHistory} />}
      {active !== null && (
        <Breadcrumbs session={session} path={active} cursor={cursor} onSymbols={() => onCommand("go-to-symbol")} />
      )}
      {waiting && <BarsSkeleton />}
      <div className="relative min-h-0 flex-1">
        <ErrorBoundary key={active} what="The editor">
          {comparison !== null ? (
            <ComparePane comparison={comparison} onClose={() => session.diff.set(null)} />
          ) : waiting ? (
            <CodeSkeleton />
          ) : active === null ? (
            <NoFile onCommand={onCommand} />
          ) : hasFaces(active) ? (
            <Faces
              key={active}
              session={session}
              path={active}
              editor={<Text session={session} path={active} onCursor={onCursor} onSave={onSave} />}
            />
          ) : imageName.test(active) ? (
            <ImageView key={active} session={session} path={active} />
          ) : (
            <Text session={session} path={active} onCursor={onCursor} onSave={onSave} />
          )}
        </ErrorBoundary>
        <FollowFrame session={session} />
      </div>
    </section>
  );
}

type TextProps = {
  session: WorkspaceSession;
  path: string;
  onCursor: (cursor: Cursor) => void;
  onSave: () => void;
};

function Text({ session, path, onCursor, onSave }: TextProps) {
  const document: DocumentHandle = session.tabs.document(path);
  const state = useStore(document.state);
  const away = useAway(session);
  const { font, fontSize, tabSize, wrap, keymap } = useEffectiveSettings(session);
  const target = useStore(session.tabs.target);
  const { preview } = useStore(session.tabs.tabs);
  const hello = useStore(session.connection.hello);
  const follow = useStore(session.following.person)?.id ?? null;
  const place = target?.path === path ? target.place : null;
  // A look at a file from the tree leaves the keyboard with the tree.
  const autoFocus = place === null ? preview !== path : place.focus !== false;
  const mayFocus = useMayFocus(path, place, autoFocus);
  const name = nameOf(path);
  const save = (
    <Button
      onClick={() => {
        download(() => session.ticket(), path).catch((error: unknown) => toast.error(messageOf(error)));
      }}
    >
      Download
    </Button>
  );
  const close = <Button onClick={() => session.tabs.closeTab(path)}>Close the tab</Button>;
  switch (state.kind) {
    case "loading":
      return away ? (
        <FileCard
          title={`${name} is not kept here`}
          text="The workspace is not reached, and this browser does not have the file. It opens when the connection is back."
        >
          {close}
        </FileCard>
      ) : (
        <CodeSkeleton />
      );
    case "refused":
      return (
        <FileCard title={titleOf(name, state.code)} text={state.message}>
          {state.code === "not_found" ? null : save}
          <Button onClick={() => session.tabs.reopen(path)}>Try again</Button>
        </FileCard>
      );
    case "gone":
      return (
        <FileCard
          title={
            state.reason === "deleted"
              ? `${name} was deleted`
              : state.reason === "moved"
                ? `${name} was moved`
                : `${name} cannot be read`
          }
          text={state.message}
        >
          {state.to !== undefined && (
            <Button variant="primary" onClick={() => session.tabs.moved(path, state.to ?? path)}>
              Open {nameOf(state.to)}
            </Button>
          )}
          {close}
        </FileCard>
      );
    case "ready":
      return (
        <Editor
          document={document}
          settings={{ font, fontSize, tabSize, wrap, keymap }}
          autoFocus={autoFocus}
          mayFocus={mayFocus}
          target={place}
          place={session.view.current.places[path]}
          people={hello?.people.here ?? nobody}
          me={hello?.user ?? 0}
          follow={follow}
          onPlace={(at, place) => session.view.setPlace(at, place)}
          onView={(view) => session.editor.set(view)}
          onCursor={onCursor}
          onSave={onSave}
          className="absolute inset-0"
        />
      );
  }
}

/** Whether the keyboard is still where it was when this was asked for, or nowhere: whoever has gone on to type elsewhere keeps it. */
function useMayFocus(...asked: readonly unknown[]): () => boolean {
  const asker = useRef<Element | null>(null);
  useLayoutEffect(() => {
    asker.current = globalThis.document.activeElement;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- whatever is asked for
  }, asked);
  return useCallback(() => {
    const now = globalThis.document.activeElement;
    return now === null || now === globalThis.document.body || now === asker.current;
  }, []);
}

function titleOf(name: string, code: string): string {
  if (code === "binary") return `${name} is a binary file`;
  if (code === "too_large") return `${name} is too large to edit here`;
  if (code === "special") return `${name} is not a regular file`;
  return `${name} cannot be opened`;
}

function FileCard({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-3 overflow-auto p-6 text-center">
      <FileQuestion aria-hidden className="size-8 text-muted-foreground" strokeWidth={1.5} />
      <h2 className="text-sm font-medium break-all">{title}</h2>
      <p className="max-w-md text-muted-foreground">{text}</p>
      <div className="flex flex-wrap justify-center gap-2">{children}</div>
    </div>
  );
}

const firstSteps = [
  { command: "find-file", what: "Go to file", Icon: Search },
  { command: "new-file", what: "New file", Icon: FilePlus },
  { command: "run", what: "Run the program", Icon: Play },
  { command: "palette", what: "All commands", Icon: Command },
] as const;

/** What can be done while no file is open, each with its keys. */
function NoFile({ onCommand }: { onCommand: (command: CommandId) => void }) {
  return (
    <div className="flex h-full flex-col items-center justify-center gap-5 overflow-auto p-6 text-muted-foreground">
      <DropMark className="size-9 opacity-40 grayscale" />
      <ul className="grid w-64 gap-0.5">
        {firstSteps.map(({ command, what, Icon }) => {
          const keys = commands.find(({ id }) => id === command)?.keys ?? "";
          return (
            <li key={command}>
              <Button variant="ghost" className="w-full justify-start" onClick={() => onCommand(command)}>
                <Icon />
                <span className="flex-1 text-left">{what}</span>
                {keys !== "" && <Kbd keys={keys} className="max-md:hidden" />}
              </Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The room of the tabs and of the path above the code. */
export function BarsSkeleton() {
  return (
    <>
      <div className="h-9 shrink-0 bg-sidebar" />
      <div className="h-6.5 shrink-0" />
    </>
  );
}

/** Lines in the shape of code, where the code will be. */
export function CodeSkeleton() {
  return (
    <div role="group" aria-busy aria-label="Loading the file" className="grid gap-2.5 py-3 pl-12">
      {[38, 52, 0, 46, 64, 58, 30, 0, 42, 55].map((width, index) => (
        <Skeleton key={index} className="h-2.5" style={{ width: `${width}%`, maxWidth: width * 8 }} />
      ))}
    </div>
  );
}
