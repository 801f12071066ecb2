import { ChangeSet, type Text } from "@codemirror/state";

/** Updates that are kept, and bytes of them: what a runner holds too. Of what is beyond, nothing can be given back. */
const maxKept = 10_000;
const maxBytes = 4 * 1024 * 1024;

/**
 * What a runner has confirmed of a document since the version that is known to be safe. A runner whose disk is lost comes back with the text of one of the
 * versions in between, and the pages that are open still have the rest.
 */
export class Unsafe {
  /** The text before the first of `updates`. */
  private text: Text;
  private version: number;
  private updates: { changes: ChangeSet; own: boolean; bytes: number }[] = [];
  /** Of all updates. */
  private bytes = 0;

  constructor(text: Text, version: number) {
    this.text = text;
    this.version = version;
  }

  /** The next update; `own`: typed in this page; `bytes`: what it takes on the wire. */
  add(changes: ChangeSet, own: boolean, bytes: number): void {
    this.updates.push({ changes, own, bytes });
    this.bytes += bytes;
    while (this.updates.length > maxKept || this.bytes > maxBytes) this.safeUpTo(this.version + 1);
  }

  /** All up to `version` is safe, which nothing takes back. */
  safeUpTo(version: number): void {
    const count = Math.min(Math.max(version - this.version, 0), this.updates.length);
    for (const { changes, bytes } of this.updates.splice(0, count)) {
      this.text = changes.apply(this.text);
      this.bytes -= bytes;
    }
    this.version += count;
  }

  /**
   * What was typed in this page and is not in `text`, as a change of it; null when nothing is missing, or when `text` is none of the texts that there were and
   * nobody can say what is.
   */
  missingIn(text: Text): ChangeSet | null {
    const texts = [this.text];
    for (const { changes } of this.updates) texts.push(changes.apply(texts.at(-1) ?? this.text));
    const from = texts.findLastIndex((one) => one.length === text.length && one.eq(text));
    if (from < 0 || !this.updates.slice(from).some(({ own }) => own)) return null;

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
    return missing.empty ? null : missing;
  }
}
