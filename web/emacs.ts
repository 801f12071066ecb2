import type { Plugin } from "vite";

/** Keeps the keys of Emacs: their package binds them by calls that it marks as free of effects, which a bundler then leaves out. */
export function emacsKeys(): Plugin {
  return {
    name: "emacs-keys",
    transform: (code, id) =>
      id.includes("/@replit/codemirror-emacs/")
        ? { code: code.replaceAll("/*@__PURE__*/EmacsHandler", "EmacsHandler"), map: null }
        : null,
  };
}
