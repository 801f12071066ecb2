import { AppWindow, PanelBottom, PanelLeft, Search } from "lucide-react";
import { useEffect, type ReactNode } from "react";
import { Link } from "@/app/Link";
import { DropMark } from "@/components/Brand";
import { StackIcon } from "@/components/StackIcon";
import { Button } from "@/components/ui/button";
import { Kbd } from "@/components/ui/kbd";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { ThemeMenu } from "@/preferences/ThemeMenu";
import type { CommandId } from "./commands";
import type { Layout } from "./layout";
import { knownName } from "./known";
import { PeopleHere } from "./people/PeopleHere";
import { RunButton } from "./RunButton";
import type { WorkspaceSession } from "./session";

type TopBarProps = { session: WorkspaceSession; layout: Layout | null; onCommand: (command: CommandId) => void };

/** `layout` null: one pane at a time, so there is nothing to show or hide. */
export function TopBar({ session, layout, onCommand }: TopBarProps) {
  const info = useStore(session.info);
  const project = useStore(session.connection.hello)?.project;
  const name = info?.name ?? project?.name ?? knownName(session.slug);
  useEffect(() => {
    const before = document.title;
    document.title = `${name} · drop.it`;
    return () => {
      document.title = before;
    };
  }, [name]);
  return (
    <Bar
      title={
        <>
          {info ? <StackIcon stack={info.stack} className="size-4.5" /> : <span className="size-4.5 shrink-0" />}
          <h1 className="truncate font-medium" title={`${name} (${session.slug})`}>
            {name}
          </h1>
        </>
      }
      find={
        <button
          type="button"
          className="flex h-7 w-full max-w-88 items-center gap-2 rounded-md border bg-background px-2.5 text-xs
            text-muted-foreground hover:border-input max-md:hidden"
          onClick={() => onCommand("find-file")}
        >
          <Search aria-hidden className="size-3.5" />
          <span className="flex-1 text-left">Go to file</span>
          <Kbd keys="Ctrl+P" />
        </button>
      }
    >
      <PeopleHere session={session} />
      <RunButton session={session} onCommand={onCommand} />
      {layout && (
        <div className="ml-1 flex">
          <Toggle label="Files" keys="Ctrl+B" pressed={layout.files} onPress={() => onCommand("toggle-files")}>
            <PanelLeft />
          </Toggle>
          <Toggle label="Terminal" keys="Ctrl+`" pressed={layout.terminal} onPress={() => onCommand("toggle-terminal")}>
            <PanelBottom />
          </Toggle>
          <Toggle label="Output" keys="Ctrl+Alt+O" pressed={layout.output} onPress={() => onCommand("toggle-output")}>
            <AppWindow />
          </Toggle>
        </div>
      )}
      <ThemeMenu />
    </Bar>
  );
}

/** The bar in its shape, for a workspace and for one that is being made. */
export function Bar({ title, find, children }: { title: ReactNode; find?: ReactNode; children?: ReactNode }) {
  return (
    <header className="flex h-11 shrink-0 items-center gap-2 border-b bg-sidebar px-2.5">
      <div className="flex min-w-0 flex-1 items-center gap-2">
        <Tooltip text="To my workspaces">
          <Link
            href="/"
            aria-label="To my workspaces"
            className="grid size-7 shrink-0 place-items-center rounded-md hover:bg-accent"
          >
            <DropMark />
          </Link>
        </Tooltip>
        {title}
      </div>
      {find}
      <div className="flex flex-1 items-center justify-end gap-0.5">{children}</div>
    </header>
  );
}

type ToggleProps = { label: string; keys: string; pressed: boolean; onPress: () => void; children: ReactNode };

function Toggle({ label, keys, pressed, onPress, children }: ToggleProps) {
  return (
    <Tooltip text={`${pressed ? "Hide" : "Show"} ${label.toLowerCase()}`} keys={keys}>
      <Button
        variant="ghost"
        size="icon"
        aria-label={`${label} pane`}
        aria-pressed={pressed}
        className="aria-pressed:text-foreground"
        onClick={onPress}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
