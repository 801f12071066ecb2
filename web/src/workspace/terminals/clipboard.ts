import { toast } from "sonner";
import type { TerminalHandle } from "@/terminals";

/** Copies what is selected in a terminal. */
export async function copyFrom(terminal: TerminalHandle | undefined): Promise<void> {
  if ((await terminal?.copy()) === false)
    toast.error("The browser did not let this page copy. Press Ctrl+Shift+C in the terminal.");
}

/** Pastes into a terminal what is on the clipboard. */
export async function pasteInto(terminal: TerminalHandle | undefined): Promise<void> {
  if ((await terminal?.paste()) === false) {
    toast.info("This browser gives the clipboard to key presses only. Press Ctrl+Shift+V in the terminal.");
  }
}
