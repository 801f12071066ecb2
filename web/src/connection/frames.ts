/** The frames of docs/protocol.md: `channel: varint | type: byte | payload`. */

export const FrameType = {
  request: 0x01,
  reply: 0x02,
  event: 0x03,
  ping: 0x04,
  pong: 0x05,
  push: 0x10,
  snapshot: 0x11,
  updates: 0x12,
  confirm: 0x13,
  saved: 0x14,
  safe: 0x15,
  gone: 0x16,
  cursor: 0x17,
  cursors: 0x18,
  input: 0x20,
  output: 0x21,
  ack: 0x22,
  resize: 0x23,
  restore: 0x24,
  exited: 0x25,
  size: 0x26,
} as const;

export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Largest frame either way, in bytes. */
export const maxFrameLength = 8 * 1024 * 1024;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The other side sent what is not in the protocol. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** Bytes that grow as they are written. */
export class ByteWriter {
  private bytes: Uint8Array<ArrayBuffer>;
  length = 0;

  /** @param capacity what is expected, in bytes; more may be written. */
  constructor(capacity = 64) {
    this.bytes = new Uint8Array(capacity);
  }

  byte(value: number): this {
    this.reserve(1);
    this.bytes[this.length++] = value;
    return this;
  }

  /** Unsigned LEB128 of a number from 0 to 2^32 - 1. */
  varint(value: number): this {
    this.reserve(5);
    while (value >= 0x80) {
      this.bytes[this.length++] = (value & 0x7f) | 0x80;
      value = Math.floor(value / 128);
    }
    this.bytes[this.length++] = value;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** The bytes' number as a varint, then the bytes. */
  counted(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** What was written; a view that later writes may change. */
  done(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Takes from the front of bytes; throws {@link FrameError} when they end too early. */
export class ByteReader {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    const value = this.bytes[this.at];
    if (value === undefined) throw new FrameError("a frame is cut short");
    this.at++;
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      if (i === 4 && byte > 0x0f) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw new FrameError("a varint has more than 32 bits");
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    if (length > this.bytes.length - this.at) throw new FrameError("a frame is cut short");
    return this.bytes.subarray(this.at, (this.at += length));
  }

  /** A varint n, then a view of n bytes. */
  counted(): Uint8Array {
    return this.raw(this.varint());
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.raw(this.bytes.length - this.at);
  }
}

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, a byte order mark kept; throws {@link FrameError} when they are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new FrameError("text is not UTF-8");
  }
}

export interface Frame {
  channel: number;
  type: number;
  payload: Uint8Array;
}

/** Reads a message; the payload is a view of it. */
export function readFrame(message: Uint8Array): Frame {
  const reader = new ByteReader(message);
  const channel = reader.varint();
  const type = reader.byte();
  return { channel, type, payload: reader.rest() };
}

export function writeFrame(channel: number, type: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return new ByteWriter(payload.length + 6).varint(channel).byte(type).raw(payload).done();
}
