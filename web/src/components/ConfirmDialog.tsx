import { Button } from "./ui/button";
import { Dialog, DialogClose, DialogContent, DialogFooter } from "./ui/dialog";

type ConfirmDialogProps = {
  title: string;
  description: string;
  action: string;
  /** Destructive, unless it can be taken back. */
  variant?: "destructive" | "primary";
  onConfirm: () => void;
  onClose: () => void;
};

/** Asks before something that cannot be taken back, or that changes a lot. */
export function ConfirmDialog({
  title,
  description,
  action,
  variant = "destructive",
  onConfirm,
  onClose,
}: ConfirmDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title={title} description={description} role="alertdialog">
        <DialogFooter>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button
            variant={variant}
            onClick={() => {
              onConfirm();
              onClose();
            }}
          >
            {action}
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
