import type { Entry } from "@/api/api";
import { nameOf } from "./tree";

/** The bytes of one file, or of a folder as a zip; throws a sentence for the user. */
export async function fileBytes(ticket: () => Promise<Entry>, path: string, signal?: AbortSignal): Promise<Response> {
  const entry = await ticket();
  const address = `${entry.origin}/.dropit/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  const response = await fetch(address, {
    headers: { Authorization: `Bearer ${entry.ticket}` },
    ...(signal ? { signal } : {}),
  });
  if (!response.ok) throw new Error(`${nameOf(path)} could not be read: the workspace answered ${response.status}.`);
  return response;
}

/** Saves a file on this machine; a folder comes as a zip. */
export async function download(ticket: () => Promise<Entry>, path: string): Promise<void> {
  const response = await fileBytes(ticket, path);
  const zip = response.headers.get("Content-Type")?.includes("zip") && !path.endsWith(".zip");
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement("a");
  link.href = address;
  link.download = nameOf(path) + (zip ? ".zip" : "");
  link.click();
  URL.revokeObjectURL(address);
}
