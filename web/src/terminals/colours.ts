import type { ITheme } from "@xterm/xterm";

const names = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The terminal's colours from the page's variables (styles/index.css), as they are now. */
export function coloursOfPage(): ITheme {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(`--terminal-${name}`).trim();
  const theme: ITheme = {
    background: read("background"),
    foreground: read("foreground"),
    cursor: read("cursor"),
    cursorAccent: read("background"),
    selectionBackground: read("selection"),
  };
  for (const name of names) {
    const bright = `bright${name.charAt(0).toUpperCase()}${name.slice(1)}` as `bright${Capitalize<typeof name>}`;
    theme[name] = read(name);
    theme[bright] = read(`bright-${name}`);
  }
  return theme;
}

/** Calls `changed` when the page turns light or dark, until the function that it returns is called. */
export function watchColours(changed: () => void): () => void {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["class", "style", "data-theme"] });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", changed);
  };
}
