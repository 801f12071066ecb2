import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";
import { cn } from "@/components/cn";

type SplitProps = {
  /** "row": panes side by side. */
  direction: "row" | "column";
  /** The pane with a size of its own; the other one takes what is left. */
  sized: "first" | "second";
  /** CSS pixels. */
  size: number;
  min: number;
  /** What the other pane keeps at least; CSS pixels. */
  rest: number;
  label: string;
  onSize: (size: number) => void;
  /** Null: this pane is hidden and the other has all the room. */
  first: ReactNode;
  second: ReactNode;
};

/** Two panes with a border between them that is moved by pointer or arrow keys. */
export function Split({ direction, sized, size, min, rest, label, onSize, first, second }: SplitProps) {
  const frame = useRef<HTMLDivElement>(null);
  const row = direction === "row";
  const both = first !== null && second !== null;

  const place = (wanted: number) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box) return;
    const most = Math.max(min, (row ? box.width : box.height) - rest);
    onSize(Math.round(Math.min(most, Math.max(min, wanted))));
  };
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const from = row ? event.clientX - box.left : event.clientY - box.top;
    place(sized === "first" ? from : (row ? box.width : box.height) - from);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -24, ArrowUp: -24, ArrowRight: 24, ArrowDown: 24 }[event.key];
    if (!step) return;
    event.preventDefault();
    place(size + (sized === "first" ? step : -step));
  };

  const basis = {
    flex: `0 1 ${size}px`,
    [row ? "minWidth" : "minHeight"]: min,
    // A size from a larger window leaves the other pane its own here too.
    [row ? "maxWidth" : "maxHeight"]: `max(${min}px, calc(100% - ${rest}px))`,
  };
  const pane = "relative min-h-0 min-w-0 overflow-hidden";
  const style = (which: "first" | "second") => (both && sized === which ? basis : { flex: "1 1 0" });
  return (
    <div ref={frame} className={cn("flex size-full min-h-0 min-w-0", !row && "flex-col")}>
      {first !== null && (
        <div className={pane} style={style("first")}>
          {first}
        </div>
      )}
      {both && (
        <div
          role="separator"
          tabIndex={0}
          aria-label={label}
          aria-orientation={row ? "vertical" : "horizontal"}
          aria-valuenow={size}
          aria-valuemin={min}
          className={cn(
            "group relative z-10 shrink-0 touch-none bg-border transition-colors hover:bg-ring focus-visible:bg-ring",
            "focus-visible:outline-offset-0 active:bg-ring",
            row ? "w-px cursor-col-resize" : "h-px cursor-row-resize",
          )}
          onPointerDown={(event) => {
            event.preventDefault();
            event.currentTarget.setPointerCapture(event.pointerId);
            document.documentElement.dataset.resizing = "";
          }}
          onPointerMove={drag}
          onLostPointerCapture={() => delete document.documentElement.dataset.resizing}
          onKeyDown={press}
        >
          <span className={cn("absolute", row ? "inset-y-0 -inset-x-1" : "inset-x-0 -inset-y-1")} />
        </div>
      )}
      {second !== null && (
        <div className={pane} style={style("second")}>
          {second}
        </div>
      )}
    </div>
  );
}
