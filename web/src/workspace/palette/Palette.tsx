import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { cn } from "@/components/cn";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import type { CommandId } from "../commands";
import type { WorkspaceSession } from "../session";
import {
  commandSource,
  lineSource,
  openSource,
  useFileSource,
  useSymbolSource,
  type Item,
  type Source,
} from "./sources";
import { takeTypedAhead } from "./TypedAhead";

export type PaletteMode = "files" | "commands" | "symbols" | "line" | "open";

type PaletteProps = {
  session: WorkspaceSession;
  mode: PaletteMode;
  onClose: () => void;
  onCommand: (command: CommandId) => void;
};

const prefixes: Record<PaletteMode, string> = { files: "", commands: ">", symbols: "@", line: ":", open: "" };

const titles: Record<PaletteMode, { title: string; label: string; placeholder: string }> = {
  files: {
    title: "Go to file",
    label: "Find a file by name",
    placeholder: "Name of a file, > for commands, @ for symbols, : for a line",
  },
  commands: { title: "Commands", label: "Find a command", placeholder: "Name of a command" },
  symbols: { title: "Go to symbol", label: "Find a symbol in the file", placeholder: "Name of a symbol" },
  line: { title: "Go to line", label: "Line to go to", placeholder: "Number of a line" },
  open: { title: "Open files", label: "Find an open file", placeholder: "Name of an open file" },
};

function modeOf(typed: string, asked: PaletteMode): PaletteMode {
  if (typed.startsWith(">")) return "commands";
  if (typed.startsWith("@")) return "symbols";
  if (typed.startsWith(":")) return "line";
  return asked === "open" ? "open" : "files";
}

/** Quick open, and behind a first character everything else that is found by typing. */
export default function Palette({ session, mode: asked, onClose, onCommand }: PaletteProps) {
  const [typed, setTyped] = useState(() => prefixes[asked] + takeTypedAhead());
  const [index, setIndex] = useState(asked === "open" ? 1 : 0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const mode = modeOf(typed, asked);
  const rest = typed.slice(prefixes[mode].length);
  const query = rest.trim();
  const [leaving] = useState(() => new Leaving());
  const done = () => {
    leaving.choose();
    onClose();
  };
  const files = useFileSource(session, mode === "files" ? query : null, done);
  const symbols = useSymbolSource(session, mode === "symbols" ? query : null, done);
  const {
    items,
    empty,
    asking = false,
  }: Source = {
    files: () => files,
    symbols: () => symbols,
    commands: () =>
      commandSource(query, (command) => {
        leaving.choose();
        flushSync(onClose);
        leaving.goBack();
        onCommand(command);
      }),
    line: () => lineSource(session, query, done),
    open: () => openSource(session, query, done),
  }[mode]();
  const at = Math.min(index, items.length - 1);
  const chosen = items[at];
  useBackWhereOneWas(session);
  const chooseWhenFound = useEarlyEnter(typed, asking, chosen);

  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const choose = (position: number) => {
    setIndex(position);
    items[position]?.show?.();
  };
  const press = (event: KeyboardEvent) => {
    // The key that opened the list of open files goes on in it.
    const again = asked === "open" && (event.ctrlKey || event.metaKey) && (event.key === "e" || event.key === "Tab");
    const step = again ? (event.shiftKey ? -1 : 1) : { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length > 0) {
      event.preventDefault();
      choose((at + step + items.length) % items.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (chosen) chosen.choose();
      else chooseWhenFound();
    }
  };
  const { title, label, placeholder } = titles[mode];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title={title}
        hideTitle
        className="top-[10vh] flex w-[min(36rem,calc(100vw-1.5rem))] flex-col gap-0 overflow-hidden p-0"
        onCloseAutoFocus={(event) => {
          if (!leaving.withChoice) return;
          event.preventDefault();
          if (document.activeElement === document.body) session.editor.get()?.focus();
        }}
      >
        <input
          role="combobox"
          aria-label={label}
          aria-expanded
          aria-controls={id}
          aria-activedescendant={chosen ? `${id}-${at}` : undefined}
          autoFocus
          spellCheck={false}
          autoComplete="off"
          placeholder={placeholder}
          className="h-11 w-full border-b bg-transparent px-4 text-sm outline-none placeholder:text-muted-foreground
            max-md:text-base"
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setIndex(0);
          }}
          onKeyDown={press}
        />
        <div ref={list} id={id} role="listbox" aria-label="Results" className="max-h-[52vh] overflow-y-auto p-1">
          {items.map((item, position) => (
            <div
              key={item.id}
              id={`${id}-${position}`}
              role="option"
              aria-selected={position === at}
              className={cn(
                "flex h-8 items-center gap-2 rounded-md px-2.5 max-md:h-10",
                position === at && "bg-accent",
              )}
              onPointerMove={() => setIndex(position)}
              onClick={item.choose}
            >
              {item.content}
            </div>
          ))}
        </div>
        {items.length === 0 && (
          <p role="status" className="px-4 pb-4 text-muted-foreground">
            {empty}
          </p>
        )}
      </DialogContent>
    </Dialog>
  );
}

/**
 * How the palette is left: a file that was chosen takes the focus, else it goes back to where it was. For a command it goes back before that is done, as
 * if its keys had been pressed there: it may move the focus on. All of that is one step, so that no key comes in between.
 */
class Leaving {
  private readonly before = document.activeElement;
  private chosen = false;

  get withChoice(): boolean {
    return this.chosen;
  }

  choose(): void {
    this.chosen = true;
  }

  goBack(): void {
    if (this.before instanceof HTMLElement) this.before.focus();
  }
}

/** Enter before the answer is there: the first line is chosen when it comes, unless more is typed. */
function useEarlyEnter(typed: string, asking: boolean, first: Item | undefined): () => void {
  const entered = useRef<string | null>(null);
  useEffect(() => {
    if (entered.current === null || (asking && !first)) return;
    const still = entered.current === typed;
    entered.current = null;
    if (still) first?.choose();
  });
  return () => {
    entered.current = asking ? typed : null;
  };
}

/** Looking at places moves the editor; whoever leaves without choosing is put back. */
function useBackWhereOneWas(session: WorkspaceSession): void {
  const start = useRef<{ top: number; anchor: number; head: number } | null>(null);
  useEffect(() => {
    const view = session.editor.get();
    if (view) {
      const { anchor, head } = view.state.selection.main;
      start.current = { top: view.scrollDOM.scrollTop, anchor, head };
    }
    return () => {
      const target = session.tabs.target.get();
      const now = session.editor.get();
      if (!now || now !== view || !start.current || target?.place.focus !== false) return;
      const { anchor, head, top } = start.current;
      session.tabs.target.set(null);
      now.dispatch({
        selection: { anchor: Math.min(anchor, now.state.doc.length), head: Math.min(head, now.state.doc.length) },
      });
      now.scrollDOM.scrollTop = top;
    };
  }, [session]);
}
