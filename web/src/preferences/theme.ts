import { useEffect, useSyncExternalStore } from "react";
import { usePreferences } from "./preferences";

function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => matchMedia(query).matches,
  );
}

/** Whether one pane fits at a time. */
export function useNarrow(): boolean {
  return useMedia("(max-width: 767px)");
}

/** Whether what points is a finger. */
export function useCoarsePointer(): boolean {
  return useMedia("(pointer: coarse)");
}

export function useResolvedTheme(): "light" | "dark" {
  const { theme } = usePreferences();
  const dark = useMedia("(prefers-color-scheme: dark)");
  return theme === "system" ? (dark ? "dark" : "light") : theme;
}

const barColours = { light: "#f3f7f8", dark: "#13191c" };

/** Keeps the page's class in step with the choice; start.js sets it before the first paint. */
export function useAppliedTheme(): void {
  const theme = useResolvedTheme();
  useEffect(() => {
    document.documentElement.classList.toggle("dark", theme === "dark");
    // The colour of the bar on top, for the frame around an installed page.
    document.querySelector("meta[name=theme-color]")?.setAttribute("content", barColours[theme]);
  }, [theme]);
}
