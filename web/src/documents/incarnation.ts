import type { Text } from "@codemirror/state";

/** What the name of a run of versions that began with `text` begins with: its length in UTF-16 units, and their FNV-1a, low byte first. */
export function originOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    hash = Math.imul(hash ^ (unit & 0xff), 0x01000193);
    hash = Math.imul(hash ^ (unit >> 8), 0x01000193);
  }
  return `${text.length}-${(hash >>> 0).toString(16).padStart(8, "0")}-`;
}

/** Whether this is the text that the run of versions began with. */
export function beganWith(incarnation: string, text: Text): boolean {
  return incarnation.startsWith(`${text.length}-`) && incarnation.startsWith(originOf(text.toString()));
}
