import { ChangeSet, type Text } from "@codemirror/state";
import { encodeChanges } from "./changes";
import { beganWith } from "./incarnation";

/** Updates that are kept, and bytes of them: what a runner holds too. Of what is beyond, nothing can be given back. */
const maxKept = 10_000;
const maxBytes = 4 * 1024 * 1024;

/** An update that a runner has confirmed. */
export interface Confirmed {
  changes: ChangeSet;
  /** Typed in this page. */
  own: boolean;
}

/**
 * What a runner has confirmed of a document since a version that is known to be safe. A runner whose disk is lost begins anew with the text of one of the
 * versions in between, and the pages that are open still have the rest.
 */
export class Unsafe {
  /** The text before the first of `updates`. */
  private text: Text;
  private updates: (Confirmed & { version: number; bytes: number })[] = [];
  /** Of all updates. */
  private bytes = 0;

  constructor(text: Text) {
    this.text = text;
  }

  /** The next update; `version`: the first one that has it. */
  add({ changes, own }: Confirmed, version: number): void {
    if (changes.empty) return;
    const bytes = encodeChanges(changes).length;
    this.updates.push({ changes, own, version, bytes });
    this.bytes += bytes;
    while (this.updates.length > maxKept || this.bytes > maxBytes) this.forget();
  }

  /** All up to `version` is safe, which nothing takes back. */
  safeUpTo(version: number): void {
    while ((this.updates[0]?.version ?? Infinity) <= version) this.forget();
  }

  private forget(): void {
    const first = this.updates.shift();
    if (first === undefined) return;
    this.text = first.changes.apply(this.text);
    this.bytes -= first.bytes;
  }

  /** The newest updates, of no more than `most` bytes in all, and the text before the first of them. */
  newest(most: number): { text: Text; updates: readonly Confirmed[]; bytes: number } {
    let [text, bytes, at] = [this.text, this.bytes, 0];
    for (; bytes > most; at++) {
      const update = this.updates[at];
      if (update === undefined) break;
      text = update.changes.apply(text);
      bytes -= update.bytes;
    }
    return { text, updates: this.updates.slice(at), bytes };
  }

  /**
   * The text that `incarnation` began with, and what was typed in this page and is not in it, as a change of it. Null when it is none of the texts that there
   * were, and nobody can say what is missing.
   */
  missingIn(incarnation: string): { text: Text; missing: ChangeSet } | null {
    const texts = [this.text];
    for (const { changes } of this.updates) texts.push(changes.apply(texts.at(-1) ?? this.text));
    const from = texts.findLastIndex((text) => beganWith(incarnation, text));
    const text = texts[from];
    if (text === undefined) return null;

    // From the text as it was to the text with our own updates only, after each of them.
    let without = ChangeSet.empty(text.length);
    let missing = ChangeSet.empty(text.length);
    for (const [index, { changes, own }] of this.updates.entries()) {
      const before = texts[index];
      if (index < from || before === undefined) continue;
      if (own) {
        missing = missing.compose(changes.map(without));
        without = without.map(changes, true);
      } else {
        without = changes.invert(before).compose(without);
      }
    }
    return { text, missing };
  }
}
