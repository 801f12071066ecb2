import { api } from "@/api/api";
import { Value } from "@/connection";

/** A page of a program that someone asked to see. */
export type Wanted = { port: number; path: string };

/** The addresses of previews. Each carries a ticket that is good for one visit, so none is used twice. */
export class Previews {
  /** What was asked for last; the output pane shows it. */
  readonly wanted = new Value<Wanted | null>(null);
  private readonly slug: string;

  constructor(slug: string) {
    this.slug = slug;
  }

  /** Shows a page of the program on a port in the output pane. */
  show(port: number, path: string): void {
    this.wanted.set({ port, path });
  }

  /** An address that shows `path` of the program on `port`. */
  async address(port: number, path: string): Promise<string> {
    const { url } = await api.preview(this.slug, port);
    return withPath(url, path);
  }
}

/** Whether a host name means the machine that uses it, on every machine. */
export function onlyThisMachine(host: string): boolean {
  return /^(localhost|.*\.localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** Points a preview's entrance (`?to=`) or a plain address at a path. */
export function withPath(url: string, path: string): string {
  const address = new URL(url);
  if (address.pathname === "/.dropit/enter") {
    address.searchParams.set("to", path);
    return address.href;
  }
  return new URL(path, address).href;
}

/** What was typed into the address bar, as a path: a whole address loses its origin, a missing slash is added. */
export function pathOf(typed: string): string {
  const text = typed.trim();
  if (/^https?:\/\//i.test(text)) {
    try {
      const { pathname, search, hash } = new URL(text);
      return pathname + search + hash;
    } catch {
      return "/";
    }
  }
  // Two slashes would name another host.
  return `/${text.replace(/^\/+/, "")}`;
}
