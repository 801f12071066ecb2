import { ChangeSet, type Text } from "@codemirror/state";
import { decodeChanges, encodeChanges, toText } from "./changes";
import { beganWith } from "./incarnation";

/** Updates that are not safe of which so many are kept, and bytes of them: what a runner holds too. Of what is beyond, nothing can be given back. */
const maxUnsafe = 10_000;
const maxUnsafeBytes = 4 * 1024 * 1024;
/** Bytes of updates behind a written text, past which it is written anew. */
const maxSince = 64 * 1024;
/** Bytes of them that stay behind it then, for not being safe. */
const maxUnsafeSince = maxSince / 2;

interface Update {
  changes: ChangeSet;
  /** Typed in this page. */
  own: boolean;
  /** The first one that has it. */
  version: number;
}

/** A text that was confirmed, and each update behind it. */
export interface Written {
  text: string;
  /** Sections (docs/protocol.md) of each update, one upon the other, the first upon `text`. */
  since: Uint8Array[];
  /** Of each update: it was typed in that page. */
  own: boolean[];
}

/** A text that a runner began anew with. */
export interface First {
  text: Text;
  /** What was typed in this page and is not in it: a change of it. */
  missing: ChangeSet;
  /** A change of the confirmed text that takes out what others have typed since: it leads to where `missing` leads. */
  without: ChangeSet;
}

/**
 * What a runner has confirmed of a document: its text, and what of that is not known to be safe. A runner whose disk is lost begins anew with the text of one
 * of the versions in between, and the pages that are open, or were until a moment ago, still have the rest.
 */
export class Confirmed {
  private newest: Text;
  /** The text before the first of `unsafe`. */
  private safe: Text;
  private unsafe: Update[] = [];
  private unsafeBytes = 0;
  /** Updates behind the text that was written last; null when it is to be written anew. */
  private since: Update[] | null = null;
  private sinceBytes = 0;

  constructor(text: Text) {
    this.newest = text;
    this.safe = text;
  }

  /**
   * What was written, with `version` at its end.
   * @throws FrameError when the updates do not fit the text.
   */
  static from({ text, since, own }: Written, version: number): Confirmed {
    const confirmed = new Confirmed(toText(text));
    for (const [at, sections] of since.entries()) {
      confirmed.add(decodeChanges(sections, confirmed.text.length), own[at] ?? false, version);
    }
    return confirmed;
  }

  /** The text at the newest version. */
  get text(): Text {
    return this.newest;
  }

  /** The next update; `own`: typed in this page; `version`: the first one that has it. */
  add(changes: ChangeSet, own: boolean, version: number): void {
    if (changes.empty) return;
    const update = { changes, own, version };
    const bytes = bytesOf(update);
    this.newest = changes.apply(this.newest);
    this.since?.push(update);
    this.sinceBytes += bytes;
    this.unsafe.push(update);
    this.unsafeBytes += bytes;
    while (this.unsafe.length > maxUnsafe || this.unsafeBytes > maxUnsafeBytes) this.forget();
  }

  /** All up to `version` is safe, which nothing takes back. */
  safeUpTo(version: number): void {
    while ((this.unsafe[0]?.version ?? Infinity) <= version) this.forget();
  }

  private forget(): void {
    const first = this.unsafe.shift();
    if (first === undefined) return;
    this.safe = first.changes.apply(this.safe);
    this.unsafeBytes -= bytesOf(first);
  }

  /** What `incarnation` began with; null when it is none of the texts that there were, and nobody can say what is missing in it. */
  firstOf(incarnation: string): First | null {
    const texts = [this.safe];
    for (const { changes } of this.unsafe) texts.push(changes.apply(texts.at(-1) ?? this.safe));
    const from = texts.findLastIndex((text) => beganWith(incarnation, text));
    const text = texts[from];
    if (text === undefined) return null;

    // From the text as it was to the text with our own updates only, after each of them.
    let without = ChangeSet.empty(text.length);
    let missing = ChangeSet.empty(text.length);
    for (const [index, { changes, own }] of this.unsafe.entries()) {
      const before = texts[index];
      if (index < from || before === undefined) continue;
      if (own) {
        missing = missing.compose(changes.map(without));
        without = without.map(changes, true);
      } else {
        without = changes.invert(before).compose(without);
      }
    }
    return { text, missing, without };
  }

  /** Nothing of it was written where {@link toWrite} will go next. */
  writeAnew(): void {
    this.since = null;
  }

  /** What is to be written; the text is null while the one written last will do. */
  toWrite(): Omit<Written, "text"> & { text: string | null } {
    let text: string | null = null;
    if (this.since === null || this.sinceBytes > maxSince) {
      let [from, bytes, at] = [this.safe, this.unsafeBytes, 0];
      for (; bytes > maxUnsafeSince; at++) {
        const update = this.unsafe[at];
        if (update === undefined) break;
        from = update.changes.apply(from);
        bytes -= bytesOf(update);
      }
      text = from.toString();
      this.since = this.unsafe.slice(at);
      this.sinceBytes = bytes;
    }
    return {
      text,
      since: this.since.map(({ changes }) => encodeChanges(changes)),
      own: this.since.map(({ own }) => own),
    };
  }
}

/** On the wire, and where it is written. */
const bytesOf = ({ changes }: Update) => encodeChanges(changes).length;
