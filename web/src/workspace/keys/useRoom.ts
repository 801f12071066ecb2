import { useEffect, useState } from "react";

/** What of the window the on-screen keyboard leaves free; CSS pixels. */
export type Room = { top: number; height: number };

/** A smaller difference is the browser's own bar that comes and goes. CSS pixels. */
const leastKeyboard = 120;

/** The part of the window above the on-screen keyboard, where browsers lay it over the page; null: nothing covers it. */
export function roomOf(windowHeight: number, seen: { height: number; offsetTop: number; scale: number }): Room | null {
  // Who has zoomed in sees a part of the page on purpose.
  if (Math.abs(seen.scale - 1) > 0.01 || windowHeight - seen.height < leastKeyboard) return null;
  return { top: Math.round(seen.offsetTop), height: Math.round(seen.height) };
}

export function useRoom(): Room | null {
  const [room, setRoom] = useState<Room | null>(null);
  useEffect(() => {
    const { visualViewport: seen } = window;
    if (seen === null) return;
    const look = () => {
      const now = roomOf(document.documentElement.clientHeight, seen);
      setRoom((before) => (before?.top === now?.top && before?.height === now?.height ? before : now));
    };
    look();
    seen.addEventListener("resize", look);
    seen.addEventListener("scroll", look);
    return () => {
      seen.removeEventListener("resize", look);
      seen.removeEventListener("scroll", look);
    };
  }, []);
  return room;
}
