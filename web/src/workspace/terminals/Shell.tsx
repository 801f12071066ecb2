import { useState } from "react";
import { toast } from "sonner";
import {
  ContextMenu,
  ContextMenuContent,
  ContextMenuItem,
  ContextMenuSeparator,
  ContextMenuTrigger,
} from "@/components/ui/context-menu";
import { usePreferences } from "@/preferences/preferences";
import { copyText, TerminalView, type ProgramCopy, type TerminalLink } from "@/terminals";
import type { WorkspaceSession } from "../session";
import { copyFrom, pasteInto } from "./clipboard";

type ShellProps = {
  session: WorkspaceSession;
  terminal: string;
  canEdit: boolean;
  autoFocus?: boolean;
  onFocus?: () => void;
};

/** One terminal with its menu; what is clicked in it opens in the workspace. */
export function Shell({ session, terminal, canEdit, autoFocus = false, onFocus }: ShellProps) {
  const { font, fontSize, screenReader } = usePreferences();
  const [selected, setSelected] = useState(false);
  const handle = () => session.shells.handle(terminal);
  return (
    <ContextMenu onOpenChange={() => setSelected(handle()?.hasSelection() ?? false)}>
      <ContextMenuTrigger asChild>
        <div className="absolute inset-0">
          <TerminalView
            key={terminal}
            connection={session.connection}
            documents={session.documents}
            terminal={terminal}
            font={font}
            fontSize={fontSize}
            screenReader={screenReader}
            autoFocus={autoFocus}
            onLink={(link) => follow(session, link)}
            onProgramCopy={tellCopy}
            {...(onFocus && { onFocus })}
            onHandle={(now) => session.shells.drawn(terminal, now)}
            className="absolute inset-0 pt-1.5 pl-2.5"
          />
        </div>
      </ContextMenuTrigger>
      <ContextMenuContent
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          handle()?.focus();
        }}
      >
        <ContextMenuItem disabled={!selected} keys="Ctrl+Shift+C" onSelect={() => void copyFrom(handle())}>
          Copy
        </ContextMenuItem>
        <ContextMenuItem disabled={!canEdit} keys="Ctrl+Shift+V" onSelect={() => void pasteInto(handle())}>
          Paste
        </ContextMenuItem>
        <ContextMenuItem onSelect={() => handle()?.selectAll()}>Select all</ContextMenuItem>
        <ContextMenuSeparator />
        <ContextMenuItem keys="Ctrl+Shift+F" onSelect={() => handle()?.find()}>
          Find
        </ContextMenuItem>
        <ContextMenuItem onSelect={() => handle()?.clear()}>Clear</ContextMenuItem>
      </ContextMenuContent>
    </ContextMenu>
  );
}

function follow(session: WorkspaceSession, link: TerminalLink): void {
  switch (link.kind) {
    case "web":
      window.open(link.url, "_blank", "noopener,noreferrer");
      break;
    case "port":
      session.previews.show(link.port, link.path);
      break;
    case "file":
      session.tabs.open(link.path, link.line === null ? {} : { at: { line: link.line, column: link.column ?? 1 } });
      session.files.reveal(link.path);
      break;
  }
}

/** A program put text on the clipboard (OSC 52): its user is told, and asked where the browser wants a click. */
function tellCopy(copied: NonNullable<ProgramCopy>): void {
  if (copied.kind === "refused") return void toast.error(copied.why, { id: "program-copy" });
  const { text } = copied;
  const words = `${text.length} ${text.length === 1 ? "character" : "characters"}`;
  const done = () => toast.success(`A program in the terminal copied ${words}.`, { id: "program-copy" });
  void copyText(text).then((taken) => {
    if (taken) return void done();
    toast.info(`A program in the terminal wants to copy ${words}.`, {
      id: "program-copy",
      action: { label: "Copy", onClick: () => void copyText(text).then((now) => now && done()) },
    });
  });
}
