import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { commands } from "../commands";

const elsewhere = [
  { title: "Find in the file", keys: "Ctrl+F" },
  { title: "Add a cursor at the next match", keys: "Ctrl+D" },
  { title: "Comment lines in and out", keys: "Ctrl+/" },
  { title: "Rename in the files", keys: "F2" },
];

export default function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Keyboard shortcuts" className="top-[8vh] w-[min(34rem,calc(100vw-1.5rem))]">
        <dl className="grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
          {[...commands.filter(({ keys }) => keys !== ""), ...elsewhere].map(({ title, keys }) => (
            <div key={title} className="flex min-h-6 items-center justify-between gap-3">
              <dt className="text-muted-foreground">{title}</dt>
              <dd>
                <Kbd keys={keys} />
              </dd>
            </div>
          ))}
        </dl>
        <p className="text-xs text-muted-foreground">
          On a Mac, Cmd does what Ctrl does. A terminal keeps the keys of the shell.
        </p>
      </DialogContent>
    </Dialog>
  );
}
