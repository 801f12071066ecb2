import { useEffect, useRef, type PointerEvent, type ReactNode } from "react";
import { cn } from "@/components/cn";
import { useStore } from "@/connection/store";
import { held, type Hold, type Modifier } from "./modifiers";
import { press, settleComposition, watchComposition, type Key, type KeyTarget } from "./press";

type BarKey = { name: string; face: string; key: Key };

const named = (name: string, face: string, key: string, keyCode: number): BarKey => ({
  name,
  face,
  key: { key, code: key, keyCode },
});

const escape = named("Esc, escape", "Esc", "Escape", 27);
const tab = named("Tab", "Tab", "Tab", 9);
const arrows = [
  named("Arrow left", "←", "ArrowLeft", 37),
  named("Arrow down", "↓", "ArrowDown", 40),
  named("Arrow up", "↑", "ArrowUp", 38),
  named("Arrow right", "→", "ArrowRight", 39),
];
const further = [
  named("Home", "Home", "Home", 36),
  named("End", "End", "End", 35),
  named("PgUp, page up", "PgUp", "PageUp", 33),
  named("PgDn, page down", "PgDn", "PageDown", 34),
  named("Del, delete", "Del", "Delete", 46),
];

/** What the keyboards of phones have two taps away, what shells and programs have most of first. */
const characters: [string, string][] = [
  ["|", "Pipe"],
  ["/", "Slash"],
  ["~", "Tilde"],
  ["-", "Minus"],
  ["_", "Underscore"],
  ["$", "Dollar"],
  ["&", "Ampersand"],
  [";", "Semicolon"],
  ["<", "Less than"],
  [">", "Greater than"],
  ["=", "Equals"],
  ["*", "Star"],
  ['"', "Double quote"],
  ["'", "Single quote"],
  ["`", "Backtick"],
  ["\\", "Backslash"],
  ["(", "Left parenthesis"],
  [")", "Right parenthesis"],
  ["[", "Left bracket"],
  ["]", "Right bracket"],
  ["{", "Left brace"],
  ["}", "Right brace"],
  ["#", "Hash"],
  ["%", "Percent"],
  ["^", "Caret"],
  ["!", "Exclamation mark"],
];

/** Milliseconds until a key that is held repeats, and between two times. */
const repeat = { after: 400, every: 60 };

/** The keys that the keyboards of phones lack, for whatever has the keyboard now; it keeps it. */
export default function KeyBar({ target }: { target: KeyTarget }) {
  const { ctrl, alt } = useStore(held.state);
  const now = useRef(target);
  useEffect(() => {
    now.current = target;
  });
  useEffect(() => {
    const end = watchComposition(() => now.current);
    return () => {
      end();
      held.release();
    };
  }, []);
  const ready = () => {
    const { element } = now.current;
    // A screen reader or a keyboard may have brought the focus here.
    if (document.activeElement !== element) element.focus({ preventScroll: true });
    settleComposition(now.current);
    return now.current;
  };
  const push = ({ key }: BarKey) => {
    const { element } = ready();
    press(element, key, held.use());
  };
  const hold = (modifier: Modifier) => {
    ready();
    held.tap(modifier);
  };
  const modifier = (name: string, which: Modifier, state: Hold) => (
    <BarButton
      label={state === "locked" ? `${name}, locked` : name}
      pressed={state !== "off"}
      className={cn(state === "locked" && "underline decoration-2 underline-offset-4")}
      onPress={() => hold(which)}
    >
      {name}
    </BarButton>
  );
  return (
    <section
      aria-label="Key bar"
      className="shrink-0 border-t bg-sidebar select-none"
      // Nothing here takes the focus, which would also close the keyboard.
      onPointerDown={(event) => event.preventDefault()}
      onMouseDown={(event) => event.preventDefault()}
    >
      <div role="toolbar" aria-label="Keys" className="grid touch-none grid-cols-8">
        <BarButton label={escape.name} onPress={() => push(escape)}>
          {escape.face}
        </BarButton>
        <BarButton label={tab.name} onPress={() => push(tab)}>
          {tab.face}
        </BarButton>
        {modifier("Ctrl", "ctrl", ctrl)}
        {modifier("Alt", "alt", alt)}
        {arrows.map((arrow) => (
          <BarButton key={arrow.name} label={arrow.name} repeats onPress={() => push(arrow)}>
            {arrow.face}
          </BarButton>
        ))}
      </div>
      <div
        role="toolbar"
        aria-label="Signs"
        className="flex touch-pan-x overflow-x-auto border-t [scrollbar-width:none]"
      >
        {characters.map(([character, name]) => (
          <BarButton key={character} label={name} slides onPress={() => ready().type(character)}>
            {character}
          </BarButton>
        ))}
        {further.map((key) => (
          <BarButton key={key.name} label={key.name} slides onPress={() => push(key)}>
            {key.face}
          </BarButton>
        ))}
      </div>
    </section>
  );
}

type BarButtonProps = {
  label: string;
  pressed?: boolean;
  /** Again and again while it is held. */
  repeats?: boolean;
  /** It stands in a row that is moved by the finger: what ends as a tap counts. */
  slides?: boolean;
  className?: string;
  onPress: () => void;
  children: ReactNode;
};

function BarButton({ label, pressed, repeats = false, slides = false, className, onPress, children }: BarButtonProps) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const byPointer = useRef(false);
  const stop = () => clearTimeout(timer.current);
  useEffect(() => () => clearTimeout(timer.current), []);
  const latest = useRef(onPress);
  useEffect(() => {
    latest.current = onPress;
  });
  const down = (event: PointerEvent) => {
    if (slides || event.button !== 0) return;
    byPointer.current = true;
    onPress();
    if (!repeats) return;
    const again = () => {
      latest.current();
      timer.current = setTimeout(again, repeat.every);
    };
    timer.current = setTimeout(again, repeat.after);
  };
  const click = () => {
    // A finger has pressed it already; a keyboard and a screen reader only click.
    if (!byPointer.current) onPress();
    byPointer.current = false;
  };
  return (
    <button
      type="button"
      aria-label={label}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      className={cn(
        `grid h-11 min-w-11 place-items-center px-1 font-mono text-ui active:bg-accent aria-pressed:bg-selected
        focus-visible:-outline-offset-2`,
        slides && "shrink-0",
        className,
      )}
      onPointerDown={down}
      onPointerUp={stop}
      onPointerCancel={stop}
      onPointerLeave={stop}
      onContextMenu={(event) => event.preventDefault()}
      onClick={click}
    >
      {children}
    </button>
  );
}
