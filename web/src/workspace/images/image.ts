import { fileBytes } from "../files/download";
import { nameOf } from "../files/tree";
import type { WorkspaceSession } from "../session";

/** Names of files that are shown as images. */
export const imageName = /\.(png|jpe?g|gif|webp|avif|ico|bmp|svg)$/i;

/** The largest image that is shown. Bytes. */
const maxBytes = 32 * 1024 * 1024;

export type ImageSource = { address: string; bytes: number; release: () => void };

/**
 * The address of an image of the workspace, by what its bytes are and not by what its name says. An SVG comes as a data
 * address: opened by itself it then has an origin of its own, and in an `img` nothing in it runs.
 */
export async function imageAddress(session: WorkspaceSession, path: string, signal: AbortSignal): Promise<ImageSource> {
  const response = await fileBytes(() => session.ticket(), path, signal);
  const length = Number(response.headers.get("Content-Length") ?? 0);
  if (length > maxBytes) throw new Error(`${nameOf(path)} is larger than 32 MiB, too large to be shown. Download it.`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const type = typeOf(bytes);
  if (type === null) throw new Error(`${nameOf(path)} is not an image that this browser can show.`);
  if (type === "image/svg+xml") {
    const address = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new TextDecoder().decode(bytes))}`;
    return { address, bytes: bytes.length, release: () => undefined };
  }
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  return { address, bytes: bytes.length, release: () => URL.revokeObjectURL(address) };
}

const starts: [string, (bytes: Uint8Array, text: string) => boolean][] = [
  ["image/png", (_, text) => text.startsWith("\x89PNG\r\n\x1a\n")],
  ["image/jpeg", (_, text) => text.startsWith("\xff\xd8\xff")],
  ["image/gif", (_, text) => /^GIF8[79]a/.test(text)],
  ["image/webp", (_, text) => text.startsWith("RIFF") && text.slice(8, 12) === "WEBP"],
  ["image/avif", (_, text) => text.slice(4, 8) === "ftyp" && /avif|avis/.test(text.slice(8, 32))],
  ["image/x-icon", (_, text) => text.startsWith("\0\0\x01\0")],
  ["image/bmp", (_, text) => text.startsWith("BM")],
  [
    "image/svg+xml",
    (bytes) => /^\s*(<\?xml|<!--|<!doctype svg|<svg)/i.test(new TextDecoder().decode(bytes.subarray(0, 512))),
  ],
];

/** The type of an image by its first bytes; null when it is none. */
export function typeOf(bytes: Uint8Array): string | null {
  const text = String.fromCharCode(...bytes.subarray(0, 64));
  return starts.find(([, fits]) => fits(bytes, text))?.[0] ?? null;
}
