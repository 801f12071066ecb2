import { held, isCharacter, type Modifiers } from "./modifiers";

/** What has the keyboard and takes the keys of the bar. */
export interface KeyTarget {
  element: HTMLElement;
  /** Takes text as if it were typed. */
  type(text: string): void;
}

/** A key as programs of pages know it; `keyCode` is what the emulator goes by. */
export interface Key {
  key: string;
  code: string;
  keyCode: number;
}

/** Presses a key where the keyboard is. Whoever handles keys there handles it like any other, the page's commands first. */
export function press(element: HTMLElement, { key, code, keyCode }: Key, { ctrl, alt }: Modifiers): void {
  const shared = { key, code, keyCode, ctrlKey: ctrl !== "off", altKey: alt !== "off" };
  const init: KeyboardEventInit = { ...shared, bubbles: true, cancelable: true, composed: true };
  element.dispatchEvent(new KeyboardEvent("keydown", init));
  element.dispatchEvent(new KeyboardEvent("keyup", init));
}

/** Typed text as a key with what is held, where keys have meanings of their own: in an editor. False: nothing is held. */
export function pressHeld(element: HTMLElement, text: string): boolean {
  if (!held.any || !isCharacter(text)) return false;
  const letter = /^[a-z]$/i.test(text);
  const upper = text.toUpperCase();
  const named = { key: text, code: letter ? `Key${upper}` : "", keyCode: letter ? upper.charCodeAt(0) : 0 };
  press(element, named, held.use());
  return true;
}

let composing: { element: Element; text: string } | null = null;

/**
 * Follows what the keyboard of a phone composes, to the end of it: the word under the finger is not typed yet for the
 * program that it is meant for.
 */
export function watchComposition(target: () => KeyTarget | null): () => void {
  const composes = (event: CompositionEvent) => {
    composing = event.target instanceof Element ? { element: event.target, text: event.data } : null;
  };
  const ends = () => {
    composing = null;
  };
  // Ahead of the emulator: a character with Ctrl held is a key, not the beginning of a word.
  const input = (event: Event) => {
    const now = target();
    if (!held.any || composing === null || now?.element !== composing.element) return;
    if (!(now.element instanceof HTMLTextAreaElement) || !isCharacter(composing.text)) return;
    const { text } = composing;
    event.stopPropagation();
    dropComposition(now.element);
    now.type(text);
  };
  const listeners = [
    ["compositionstart", composes],
    ["compositionupdate", composes],
    ["compositionend", ends],
    ["input", input],
  ] as [string, (event: Event) => void][];
  for (const [event, listener] of listeners) window.addEventListener(event, listener, { capture: true });
  return () => {
    for (const [event, listener] of listeners) window.removeEventListener(event, listener, { capture: true });
  };
}

/** Types what is being composed, so that a key of the bar comes after it. */
export function settleComposition(target: KeyTarget): void {
  const { element } = target;
  if (composing?.element !== element) return;
  const { text } = composing;
  dropComposition(element);
  // A terminal's text field is emptied with the focus; an editor has the text already.
  if (element instanceof HTMLTextAreaElement) target.type(text);
}

function dropComposition(element: HTMLElement): void {
  composing = null;
  element.blur();
  element.focus({ preventScroll: true });
}
