import { Value } from "@/connection/store";

export type Modifier = "ctrl" | "alt";

/** `next`: for one key; `locked`: until it is tapped again. */
export type Hold = "off" | "next" | "locked";

export type Modifiers = Readonly<Record<Modifier, Hold>>;

/** Milliseconds within which a second tap locks. */
const doubleTap = 400;

const none: Modifiers = { ctrl: "off", alt: "off" };

/** Whether that is one character, of which a key can be made. */
export const isCharacter = (text: string): boolean => /^.$/su.test(text);

/** What a tap makes of a modifier. */
export function tapped(hold: Hold, sinceLastTap: number): Hold {
  if (hold === "off") return "next";
  return hold === "next" && sinceLastTap <= doubleTap ? "locked" : "off";
}

/** What a terminal sends for a typed character with these held: Ctrl makes a control character, Alt puts Escape ahead. */
export function modified(character: string, { ctrl, alt }: Modifiers): string {
  const sent = ctrl === "off" ? character : controlOf(character);
  return alt === "off" ? sent : `\x1b${sent}`;
}

/** As terminals have it; a character without a control character of its own stays what it is. */
function controlOf(character: string): string {
  if (/^[a-z@[\\\]^_]$/i.test(character)) return String.fromCharCode(character.toUpperCase().charCodeAt(0) & 0x1f);
  return { " ": "\0", "/": "\x1f", "-": "\x1f", "?": "\x7f", "\x7f": "\b" }[character] ?? character;
}

/**
 * Ctrl and Alt of the key bar. They are put to what is typed where it arrives as text, not as a key: the keyboards of
 * phones name no keys (`keyCode` 229) and send the text itself.
 */
export class HeldModifiers {
  readonly state = new Value<Modifiers>(none);
  private lastTap: { modifier: Modifier; at: number } | null = null;

  /** @param at milliseconds. */
  tap(modifier: Modifier, at = performance.now()): void {
    const since = this.lastTap?.modifier === modifier ? at - this.lastTap.at : Infinity;
    const now = this.state.get();
    this.lastTap = { modifier, at };
    this.state.set({ ...now, [modifier]: tapped(now[modifier], since) });
  }

  get any(): boolean {
    const { ctrl, alt } = this.state.get();
    return ctrl !== "off" || alt !== "off";
  }

  /** What is held for the key that is pressed now; what was for one key only is let go. */
  use(): Modifiers {
    const now = this.state.get();
    if (now.ctrl === "next" || now.alt === "next") {
      this.state.set({ ctrl: now.ctrl === "next" ? "off" : now.ctrl, alt: now.alt === "next" ? "off" : now.alt });
    }
    return now;
  }

  release(): void {
    this.state.set(none);
  }

  /** What goes to a terminal for what its emulator says was typed. A paste and an answer to a program stay as they are. */
  type(data: string): string {
    if (!this.any || !isCharacter(data) || data === "\x1b") return data;
    return modified(data, this.use());
  }
}

/** Those of this page: it has one bar. */
export const held = new HeldModifiers();
