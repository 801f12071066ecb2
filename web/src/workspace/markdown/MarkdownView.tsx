import { useDeferredValue, useEffect, useMemo, useRef, type MouseEvent } from "react";
import { useStore } from "@/connection";
import type { DocumentHandle } from "@/documents";
import { imageAddress } from "../images/image";
import type { WorkspaceSession } from "../session";
import { markdownHtml } from "./html";

type MarkdownViewProps = { session: WorkspaceSession; document: DocumentHandle; path: string };

/** A Markdown file as it is read, following what is typed. */
export default function MarkdownView({ session, document: handle, path }: MarkdownViewProps) {
  useStore(handle.state);
  const text = useDeferredValue(handle.client.current?.doc.toString() ?? "");
  const html = useMemo(() => markdownHtml(text, path), [text, path]);
  const content = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const stop = new AbortController();
    const ends: (() => void)[] = [];
    for (const image of content.current?.querySelectorAll<HTMLImageElement>("img[data-path]") ?? []) {
      imageAddress(session, image.dataset.path ?? "", stop.signal).then(
        ({ address, release }) => {
          ends.push(release);
          if (stop.signal.aborted) release();
          else image.src = address;
        },
        () => undefined, // Its alternative text stays.
      );
    }
    return () => {
      stop.abort();
      ends.forEach((end) => end());
    };
  }, [html, session]);

  const click = (event: MouseEvent) => {
    const link = (event.target as HTMLElement).closest("a");
    if (!link) return;
    const inside = link.dataset.path;
    const hash = link.getAttribute("href") ?? "";
    if (inside !== undefined) {
      event.preventDefault();
      session.tabs.open(inside);
    } else if (hash.startsWith("#")) {
      event.preventDefault();
      content.current?.querySelector(`[id="${CSS.escape(hash.slice(1))}"]`)?.scrollIntoView({ block: "start" });
    }
  };
  return (
    <div className="h-full overflow-auto bg-background">
      <div
        ref={content}
        role="document"
        aria-label={`Preview of ${path}`}
        className="markdown mx-auto max-w-3xl px-6 py-5"
        onClick={click}
        dangerouslySetInnerHTML={{ __html: html }}
      />
    </div>
  );
}
