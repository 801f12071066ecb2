/** Characters that a program may put on the clipboard (OSC 52) at once; longer texts are refused. */
export const maxFromProgram = 100_000;

export type ProgramCopy = { kind: "text"; text: string } | { kind: "refused"; why: string } | null;

/**
 * Reads the data of an OSC 52: `<selections>;<base64>`. Null: nothing to do. A program that asks for the clipboard ("?") gets
 * no answer: what was copied elsewhere is none of its business.
 */
export function programCopy(data: string): ProgramCopy {
  const at = data.indexOf(";");
  const encoded = data.slice(at + 1);
  if (at < 0 || encoded === "" || encoded === "?") return null;
  if (encoded.length > (maxFromProgram * 4) / 3 + 4) {
    return {
      kind: "refused",
      why: `A program wanted to copy more than ${maxFromProgram / 1000} KB. Select the text and copy it.`,
    };
  }
  try {
    const bytes = Uint8Array.from(atob(encoded), (unit) => unit.charCodeAt(0));
    return { kind: "text", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { kind: "refused", why: "A program wanted to copy something that is not text." };
  }
}

/**
 * Puts text on the clipboard; false when the browser refused. Pages that are neither https nor localhost have no
 * `navigator.clipboard`: the old command works there, within a click or a key press only.
 */
export async function copyText(text: string): Promise<boolean> {
  const clipboard = (navigator as { clipboard?: Clipboard }).clipboard;
  if (clipboard !== undefined) {
    try {
      await clipboard.writeText(text);
      return true;
    } catch {
      // Without focus or permission; the command may still do.
    }
  }
  return copyByCommand(text);
}

function copyByCommand(text: string): boolean {
  let taken = false;
  const fill = (event: ClipboardEvent) => {
    event.clipboardData?.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation();
    taken = true;
  };
  document.addEventListener("copy", fill, { capture: true });
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- nothing else works there
    return document.execCommand("copy") && taken;
  } finally {
    document.removeEventListener("copy", fill, { capture: true });
  }
}

/** What the clipboard holds, or null where the browser gives it to nobody but Ctrl+Shift+V. */
export async function clipboardText(): Promise<string | null> {
  const clipboard = (navigator as { clipboard?: Partial<Clipboard> }).clipboard;
  try {
    return (await clipboard?.readText?.()) ?? null;
  } catch {
    return null;
  }
}

/** Text to paste, without what would end a bracketed paste early: its rest would be taken for typed. */
export function pasteable(text: string): string {
  // eslint-disable-next-line no-control-regex -- this is a control sequence
  return text.replace(/(?:\x1b\[|\x9b)20[01]~/g, "");
}
