import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { Kbd } from "@/components/ui/kbd";
import { commands } from "../commands";

type Line = { title: string; keys: string };

const groups: { name: string; lines: readonly Line[] }[] = [
  { name: "Everywhere", lines: commands.filter(({ keys }) => keys !== "") },
  {
    name: "Editor",
    lines: [
      { title: "Find and replace in the file", keys: "Ctrl+F" },
      { title: "Add a cursor at the next match", keys: "Ctrl+D" },
      { title: "Add a cursor above, below", keys: "Ctrl+Alt+↑ ↓" },
      { title: "Comment lines in and out", keys: "Ctrl+/" },
      { title: "Move lines up, down", keys: "Alt+↑ ↓" },
      { title: "Copy lines up, down", keys: "Shift+Alt+↑ ↓" },
      { title: "Delete the line", keys: "Ctrl+Shift+K" },
      { title: "Indent more, less", keys: "Ctrl+] [" },
      { title: "Fold, unfold", keys: "Ctrl+Shift+[ ]" },
      { title: "Complete the word", keys: "Ctrl+Space" },
      { title: "Go to the other bracket", keys: "Shift+Ctrl+\\" },
      { title: "Leave the editor with Tab", keys: "Esc+Tab" },
    ],
  },
  {
    name: "Files and search results",
    lines: [
      { title: "Open", keys: "Enter" },
      { title: "Look at it, and stay here", keys: "Space" },
      { title: "Rename", keys: "F2" },
      { title: "Delete, or take out of the results", keys: "Del" },
      { title: "Replace this match", keys: "Shift+Enter" },
      { title: "Match case, whole words, expression", keys: "Alt+C W R" },
      { title: "Replace all matches", keys: "Ctrl+Alt+Enter" },
    ],
  },
];

/** Every key there is, to look up by name or by key. */
export default function Shortcuts({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const words = typed.toLowerCase().split(/\s+/);
  const fits = ({ title, keys }: Line) => words.every((word) => `${title} ${keys}`.toLowerCase().includes(word));
  const shown = groups.map(({ name, lines }) => ({ name, lines: lines.filter(fits) }));
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title="Keyboard shortcuts"
        className="top-[6vh] flex max-h-[88vh] w-[min(46rem,calc(100vw-1.5rem))] flex-col gap-4"
      >
        <Input
          autoFocus
          className="shrink-0"
          aria-label="Find a shortcut"
          placeholder="What you want to do, or a key"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div tabIndex={0} role="group" aria-label="Shortcuts" className="min-h-40 overflow-y-auto">
          {shown.map(
            ({ name, lines }) =>
              lines.length > 0 && (
                <section key={name} className="mb-4">
                  <h3 className="mb-1.5 text-xs font-semibold text-muted-foreground">{name}</h3>
                  <dl className="grid gap-x-8 gap-y-1 sm:grid-cols-2">
                    {lines.map(({ title, keys }) => (
                      <div key={title} className="flex min-h-6 items-center justify-between gap-3">
                        <dt>{title}</dt>
                        <dd>
                          <Kbd keys={keys} />
                        </dd>
                      </div>
                    ))}
                  </dl>
                </section>
              ),
          )}
          {shown.every(({ lines }) => lines.length === 0) && (
            <p role="status" className="text-muted-foreground">
              No shortcut has that name.
            </p>
          )}
        </div>
        <p className="text-xs text-muted-foreground">
          On a Mac, Cmd does what Ctrl does. A terminal keeps the keys of the shell; the editor those of Vim or Emacs
          when you chose them.
        </p>
      </DialogContent>
    </Dialog>
  );
}
