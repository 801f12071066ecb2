import DOMPurify from "dompurify";
import { marked } from "marked";

/** Where a relative address in a file leads within the workspace; null: out of it, or to another host. */
export function insidePath(address: string, from: string): string | null {
  if (address === "" || /^[a-z][a-z0-9+.-]*:|^\/\/|^#/i.test(address)) return null;
  const path = decoded((/^[^?#]*/.exec(address) ?? [""])[0]);
  const names = path.startsWith("/") ? [] : from.split("/").slice(0, -1);
  for (const name of path.split("/")) {
    if (name === "" || name === ".") continue;
    if (name !== "..") names.push(name);
    else if (names.pop() === undefined) return null;
  }
  return names.length === 0 ? null : names.join("/");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Markdown as HTML that can do nothing: no script, no handler, no form, no frame, no style, no address but links. Images
 * and links inside the workspace keep their paths in `data-path`; their bytes are asked for by who shows it.
 */
export function markdownHtml(text: string, path: string): string {
  const clean = purifier();
  clean.removeAllHooks();
  clean.addHook("afterSanitizeAttributes", (element) => {
    if (element.tagName === "IMG") {
      const source = element.getAttribute("src") ?? "";
      const inside = insidePath(source, path);
      // Nothing is fetched from elsewhere by looking at a file.
      if (!source.startsWith("data:image/")) element.removeAttribute("src");
      element.removeAttribute("srcset");
      if (inside !== null) element.setAttribute("data-path", inside);
      else if (!source.startsWith("data:image/") && !element.getAttribute("alt")) element.setAttribute("alt", source);
    }
    if (element.tagName === "A") {
      const address = element.getAttribute("href") ?? "";
      const inside = insidePath(address, path);
      if (inside !== null) {
        element.setAttribute("data-path", inside);
        element.setAttribute("href", "#");
      } else if (address.startsWith("#")) {
        element.setAttribute("href", `#md-${address.slice(1)}`);
      } else {
        element.setAttribute("target", "_blank");
        element.setAttribute("rel", "noopener noreferrer");
      }
    }
    // A name of the page must not be taken by a file.
    const id = element.getAttribute("id");
    if (id !== null) element.setAttribute("id", `md-${id}`);
    element.removeAttribute("name");
  });
  const html = marked.parse(text, { async: false, gfm: true });
  return clean.sanitize(withIds(html), {
    USE_PROFILES: { html: true },
    FORBID_TAGS: [
      "style",
      "form",
      "input",
      "button",
      "textarea",
      "select",
      "iframe",
      "video",
      "audio",
      "dialog",
      "svg",
      "math",
    ],
    FORBID_ATTR: ["style", "class"],
    ADD_ATTR: ["target"],
    ALLOWED_URI_REGEXP:
      /^(?:https?:|mailto:|data:image\/(?:png|jpeg|gif|webp|avif);|[^a-z]|[a-z+.-]+(?:[^a-z+.\-:]|$))/i,
  });
}

let own: typeof DOMPurify | null = null;

function purifier(): typeof DOMPurify {
  own ??= DOMPurify(window);
  return own;
}

/** Headings get the names that links within a file use. */
function withIds(html: string): string {
  return html.replace(/<h([1-6])>([\s\S]*?)<\/h\1>/g, (_, level: string, inner: string) => {
    const id = inner
      .replace(/<[^>]*>|&[a-z#0-9]+;/gi, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, "")
      .trim()
      .replace(/\s+/g, "-");
    return `<h${level} id="${id}">${inner}</h${level}>`;
  });
}
