import { useLayoutEffect, useState, type RefObject } from "react";

/** Rows drawn above and below what can be seen, so that a quick scroll meets no gap. */
const margin = 20;

/** Which of `count` rows of one height are near enough to be drawn: `first` up to, not including, `last`. */
export function useWindow(scroller: RefObject<HTMLElement | null>, rowHeight: number, count: number) {
  const [view, setView] = useState({ top: 0, height: 1200 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const top = Math.floor(element.scrollTop / rowHeight) * rowHeight;
      const height = element.clientHeight;
      setView((last) => (last.top === top && last.height === height ? last : { top, height }));
    };
    const size = new ResizeObserver(look);
    size.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      size.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, rowHeight]);
  const first = Math.max(0, Math.min(count, Math.floor(view.top / rowHeight)) - margin);
  const last = Math.min(count, Math.ceil((view.top + view.height) / rowHeight) + margin);
  return { first, last };
}
