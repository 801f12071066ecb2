import { ChevronDown, Columns2, Eye, Plus, Search } from "lucide-react";
import { useEffect, useState, type KeyboardEvent, type ReactNode } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { ErrorBoundary } from "@/components/ErrorBoundary";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { TerminalSkeleton } from "@/terminals";
import type { WorkspaceSession } from "../session";
import { useAway } from "../away";
import { useOffers } from "../offers";
import { groupOf } from "./groups";
import { Shell } from "./Shell";
import { shownTerminal } from "./shells";
import { SideBySide } from "./SideBySide";
import { TerminalTab } from "./TerminalTab";

type TerminalPanelProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  /** The terminal that is shown beside the output, and therefore not here. */
  elsewhere: string | null;
  onHere: () => void;
  onHide: (() => void) | null;
};

export default function TerminalPanel({ session, canEdit, elsewhere, onHere, onHide }: TerminalPanelProps) {
  const { shells } = session;
  const hello = useStore(session.connection.hello);
  const away = useAway(session);
  const active = useStore(shells.active);
  const groups = useStore(shells.groups);
  const rung = useStore(shells.rung);
  const [renaming, setRenaming] = useState<string | null>(null);
  const terminals = hello?.terminals ?? [];
  const shown = shownTerminal(terminals, active);
  const order = groups.flat();
  const listed = [...terminals].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
  const group = shown === null ? [] : groupOf(groups, shown.id).filter((id) => terminals.some((one) => one.id === id));
  const row = shown !== null && group.length === 0 ? [shown.id] : group;
  const none = hello !== null && terminals.length === 0;

  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  // Whoever shows an empty panel wants a shell in it.
  useEffect(() => {
    if (none && canEdit) session.shells.createFirst();
  }, [none, canEdit, session]);

  useOffers(session.offers, { ...(shown && { "rename-terminal": () => setRenaming(shown.id) }) });

  const press = (event: KeyboardEvent<HTMLElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step || !shown) return;
    const next = listed[(listed.indexOf(shown) + step + listed.length) % listed.length];
    if (!next) return;
    event.preventDefault();
    shells.active.set(next.id);
    const list = event.currentTarget;
    requestAnimationFrame(() => list.querySelector<HTMLElement>("[aria-selected=true]")?.focus());
  };
  const split = (id: string) => {
    shells.active.set(id);
    tell(shells.split());
  };

  return (
    <section aria-label="Terminal" className="flex h-full flex-col bg-terminal">
      <div className="flex h-8 shrink-0 items-stretch border-b bg-sidebar">
        <div
          role="tablist"
          aria-label="Terminals"
          className="flex min-w-0 overflow-x-auto [scrollbar-width:none]"
          onKeyDown={press}
        >
          {listed.map((terminal) => (
            <TerminalTab
              key={terminal.id}
              terminal={terminal}
              active={terminal.id === shown?.id}
              besideActive={row.includes(terminal.id)}
              split={groupOf(groups, terminal.id).length > 1}
              rung={rung.has(terminal.id)}
              canEdit={canEdit}
              renaming={renaming === terminal.id}
              onShow={() => shells.active.set(terminal.id)}
              onClose={() => tell(shells.end(terminal.id))}
              onSplit={() => split(terminal.id)}
              onUnsplit={() => shells.unsplit(terminal.id)}
              onRename={() => setRenaming(terminal.id)}
              onRenamed={(name) => {
                setRenaming(null);
                if (name !== "" && name !== terminal.name) tell(shells.rename(terminal.id, name));
              }}
            />
          ))}
        </div>
        {canEdit && (
          <>
            <PanelButton text="New terminal" keys="Ctrl+Shift+`" onClick={() => tell(shells.create())}>
              <Plus />
            </PanelButton>
            <PanelButton
              text="Split the terminal"
              keys="Ctrl+Shift+5"
              className="max-md:hidden"
              onClick={() => tell(shells.split())}
            >
              <Columns2 />
            </PanelButton>
          </>
        )}
        <span className="flex-1" />
        <PanelButton text="Find in the terminal" keys="Ctrl+Shift+F" onClick={() => shells.handle()?.find()}>
          <Search />
        </PanelButton>
        {onHide && (
          <PanelButton text="Hide the terminal" keys="Ctrl+`" onClick={onHide}>
            <ChevronDown />
          </PanelButton>
        )}
      </div>
      {shown !== null && !canEdit && (
        <p className="flex shrink-0 items-center gap-1.5 border-b bg-muted px-3 py-1 text-xs text-muted-foreground">
          <Eye aria-hidden className="size-3.5 shrink-0" />
          You see what editors do here. A viewer cannot type in it.
        </p>
      )}
      <div className="relative min-h-0 flex-1">
        {shown === null ? (
          none && !canEdit ? (
            <p className="p-4 text-muted-foreground">No terminal is open. A viewer cannot start one.</p>
          ) : away ? (
            <p className="p-4 text-muted-foreground">Terminals run in the workspace. They come with the connection.</p>
          ) : (
            <TerminalSkeleton />
          )
        ) : (
          <SideBySide
            ids={row}
            show={(id) => (
              <ErrorBoundary key={id} what="The terminal">
                {id === elsewhere ? (
                  <div className="flex h-full flex-col items-center justify-center gap-3 text-muted-foreground">
                    <p>This log is shown beside the output.</p>
                    <Button size="sm" onClick={onHere}>
                      Show it here
                    </Button>
                  </div>
                ) : (
                  <Shell
                    session={session}
                    terminal={id}
                    canEdit={canEdit}
                    autoFocus={row.length > 1 && id === shown.id}
                    onFocus={() => shells.active.set(id)}
                  />
                )}
              </ErrorBoundary>
            )}
          />
        )}
      </div>
    </section>
  );
}

type PanelButtonProps = { text: string; keys: string; onClick: () => void; className?: string; children: ReactNode };

function PanelButton({ text, keys, onClick, className = "", children }: PanelButtonProps) {
  return (
    <Tooltip text={text} keys={keys}>
      <Button
        variant="ghost"
        size="icon-sm"
        className={`my-1 ml-1 last:mr-1 ${className}`}
        aria-label={text}
        onClick={onClick}
      >
        {children}
      </Button>
    </Tooltip>
  );
}
