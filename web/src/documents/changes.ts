import { ChangeSet, Text } from "@codemirror/state";
import { ByteReader, ByteWriter, FrameError, fromUtf8, utf8 } from "@/connection";

/** Change sets as docs/protocol.md writes them: sections of old length and kind, with the new text where there is one. */

const keep = 0;
const replaceByUtf8 = 1;
const replaceByUtf16 = 2;

// With the u flag a surrogate in its pair is not matched.
const loneSurrogate = /[\ud800-\udfff]/u;

/** Each change set is written several times: for the runner, and for IndexedDB while it is unconfirmed. */
const written = new WeakMap<ChangeSet, Uint8Array>();

/** The sections of a change set. The bytes are shared: do not change them. */
export function encodeChanges(changes: ChangeSet): Uint8Array {
  let bytes = written.get(changes);
  if (bytes === undefined) {
    const writer = new ByteWriter(24);
    for (const section of changes.toJSON() as (number | [number, ...string[]])[]) writeSection(writer, section);
    bytes = writer.done().slice();
    written.set(changes, bytes);
  }
  return bytes;
}

function writeSection(to: ByteWriter, section: number | [number, ...string[]]): void {
  if (typeof section === "number") {
    to.varint(section * 4 + keep);
    return;
  }
  const [length, ...lines] = section;
  const text = lines.join("\n");
  if (!loneSurrogate.test(text)) {
    to.varint(length * 4 + replaceByUtf8).counted(utf8(text));
    return;
  }
  to.varint(length * 4 + replaceByUtf16).varint(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    to.byte(unit & 0xff).byte(unit >> 8);
  }
}

/**
 * Reads sections to the end of `bytes`.
 * @param length of the text that they change, in UTF-16 units.
 * @throws FrameError when they do not fit it.
 */
export function decodeChanges(bytes: Uint8Array, length: number): ChangeSet {
  const reader = new ByteReader(bytes);
  const sections: (number | [number, ...string[]])[] = [];
  let old = 0;
  while (!reader.atEnd) {
    const head = reader.varint();
    const span = Math.floor(head / 4);
    old += span;
    if (head % 4 === keep) {
      sections.push(span);
      continue;
    }
    const text = head % 4 === replaceByUtf8 ? fromUtf8(reader.counted()) : readUtf16(reader, head % 4);
    sections.push(text === "" ? [span] : [span, ...text.split("\n")]);
  }
  if (old !== length) throw new FrameError(`a change set for ${old} units met a text of ${length}`);
  return ChangeSet.fromJSON(sections);
}

function readUtf16(reader: ByteReader, kind: number): string {
  if (kind !== replaceByUtf16) throw new FrameError(`kind ${kind} in a change set`);
  const bytes = reader.raw(2 * reader.varint());
  let text = "";
  for (let i = 0; i < bytes.length; i += 2) {
    text += String.fromCharCode((bytes[i] ?? 0) | ((bytes[i + 1] ?? 0) << 8));
  }
  return text;
}

/** A text whose lines end at `\n` alone, as everywhere on the wire: a `\r` is a character like any other. */
export function toText(text: string): Text {
  return Text.of(text.split("\n"));
}
