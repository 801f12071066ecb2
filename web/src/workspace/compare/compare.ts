import { api } from "@/api/api";
import { ApiError, sentence } from "@/api/request";
import { fileBytes } from "../files/download";
import { nameOf } from "../files/tree";
import type { WorkspaceSession } from "../session";

/** One side of a comparison: what it is called, and how its text is had. */
export type Side = { title: string; text: () => Promise<string> };

/** Two texts to be looked at beside each other. `path` gives the language. */
export type Comparison = { path: string; left: Side; right: Side };

/** Past it two texts are not compared: an editor opens no larger file either. Bytes. */
const maxBytes = 5 * 1024 * 1024;

export function compareFiles(session: WorkspaceSession, left: string, right: string): Comparison {
  return { path: right, left: disk(session, left, left), right: disk(session, right, right) };
}

/** What is in the editor against what is in the file: what is not saved yet. */
export function compareWithDisk(session: WorkspaceSession, path: string): Comparison {
  return { path, left: disk(session, path, "On disk"), right: editor(session, path) };
}

/** What is in the editor against what storage has: the last version that a stopped workspace would come back with. */
export function compareWithKept(session: WorkspaceSession, path: string): Comparison {
  const kept = async () => text(await asked(api.fileAddress(session.slug, path)), path);
  return { path, left: { title: "Last kept version", text: kept }, right: editor(session, path) };
}

/** A file in a version; without `id` it was not there. `size` in bytes. */
type VersionSide = { id: string | null; size: number | null; title: string };

/** A file in two versions. */
export function compareVersions(
  session: WorkspaceSession,
  path: string,
  left: VersionSide,
  right: VersionSide,
): Comparison {
  return { path, left: version(session, path, left), right: version(session, path, right) };
}

function version(session: WorkspaceSession, path: string, { id, size, title }: VersionSide): Side {
  return {
    title,
    text: async () => {
      if (id === null) return "";
      if ((size ?? 0) > maxBytes) throw tooLarge(path);
      const response = await fetch(api.versionFileAddress(session.slug, id, path), { credentials: "same-origin" });
      if (!response.ok) throw new ApiError(response.status, await sentence(response));
      return text(response, path);
    },
  };
}

function tooLarge(path: string): Error {
  return new Error(`${nameOf(path)} is larger than 5 MB, too large to be compared.`);
}

function editor(session: WorkspaceSession, path: string): Side {
  return {
    title: `${nameOf(path)} in the editor`,
    text: async () => {
      const doc = session.tabs.openedDocument(path)?.client.current?.doc;
      return doc ? doc.toString() : disk(session, path, path).text();
    },
  };
}

function disk(session: WorkspaceSession, path: string, title: string): Side {
  return { title, text: async () => text(await fileBytes(() => session.ticket(), path), path) };
}

async function asked(address: string): Promise<Response> {
  const response = await fetch(address, { credentials: "same-origin" });
  if (response.status === 404) throw new Error("No version of this file has been kept yet. It is a matter of seconds.");
  if (!response.ok) throw new Error(`The server answered with ${response.status}.`);
  return response;
}

async function text(response: Response, path: string): Promise<string> {
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength > maxBytes) throw tooLarge(path);
  const decoded = new TextDecoder().decode(bytes);
  if (decoded.includes("\0")) throw new Error(`${nameOf(path)} is no text, so its lines cannot be compared.`);
  return decoded.replace(/\r\n/g, "\n");
}
