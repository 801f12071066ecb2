import { EditorSelection, Facet, type EditorState, type Extension } from "@codemirror/state";
import { EditorView, layer, RectangleMarker, type LayerMarker, type ViewUpdate } from "@codemirror/view";
import { othersField, type OtherCursor } from "@/documents";

/** Whose carets are drawn: everyone's but one's own. */
export interface People {
  /** The number of this page's user. */
  me: number;
  names: ReadonlyMap<number, string>;
}

/** How many colours there are for people: `--person-0` to `--person-7`. */
const colours = 8;
/** Milliseconds for which a name stands at a caret that has moved. */
const flagTime = 2_500;
/** Pixels above the first line. */
const topPadding = 8;
/** Room in pixels that a name takes above a caret, and beside it. */
const flagHeight = 18;
const flagWidth = 140;

const people = Facet.define<People, People>({ combine: ([first]) => first ?? { me: 0, names: new Map() } });

export function ofPeople(value: People): Extension {
  return people.of(value);
}

function shown(state: EditorState): readonly OtherCursor[] {
  const { me } = state.facet(people);
  return (state.field(othersField, false) ?? []).filter(({ person }) => person !== me);
}

/** Brings to this view what another page sees; its caret first, where that page sees it and not all fits here. */
export function showAs(view: EditorView, { top, bottom, ranges }: OtherCursor): void {
  const head = ranges[0]?.head ?? top;
  const height = view.lineBlockAt(head).bottom - view.lineBlockAt(top).top;
  const sees = head >= top && head <= bottom;
  view.dispatch({
    effects:
      sees && height > view.scrollDOM.clientHeight
        ? EditorView.scrollIntoView(head, { y: "center" })
        : EditorView.scrollIntoView(top, { y: "start", yMargin: top === 0 ? topPadding : 0 }),
  });
}

/** What a view shows of its text. */
export function seenIn(view: EditorView): { top: number; bottom: number } {
  const { scrollTop, clientHeight } = view.scrollDOM;
  // A line that is cut off above is not the first one seen.
  const first = view.lineBlockAtHeight(scrollTop);
  const next = Math.min(first.to + 1, view.state.doc.length);
  const top = first.top < scrollTop - 1 && view.lineBlockAt(next).top < scrollTop + clientHeight ? next : first.from;
  return { top, bottom: Math.max(top, view.lineBlockAtHeight(scrollTop + clientHeight).to) };
}

const timers = new WeakMap<HTMLElement, ReturnType<typeof setTimeout>>();

/** A caret with its person's name, which is seen for a while after a move, and when pointed at. */
class Caret implements LayerMarker {
  private readonly cursor: OtherCursor;
  private readonly name: string;
  private readonly at: RectangleMarker;
  private readonly below: boolean;
  private readonly before: boolean;

  constructor(cursor: OtherCursor, name: string, at: RectangleMarker, view: EditorView) {
    this.cursor = cursor;
    this.name = name;
    this.at = at;
    const { scrollLeft, scrollTop, clientWidth } = view.scrollDOM;
    this.below = at.top - scrollTop < flagHeight;
    this.before = at.left - scrollLeft > clientWidth - flagWidth;
  }

  eq(other: Caret): boolean {
    return (
      this.at.eq(other.at) &&
      this.name === other.name &&
      this.cursor.author === other.cursor.author &&
      this.cursor.moves === other.cursor.moves &&
      this.below === other.below &&
      this.before === other.before
    );
  }

  draw(): HTMLElement {
    const caret = document.createElement("div");
    caret.append(document.createElement("i"), document.createElement("span"));
    this.place(caret);
    this.fly(caret);
    return caret;
  }

  update(caret: HTMLElement, before: Caret): boolean {
    this.place(caret);
    if (before.cursor.author !== this.cursor.author || before.cursor.moves !== this.cursor.moves) this.fly(caret);
    return true;
  }

  private place(caret: HTMLElement): void {
    const { style, classList, lastElementChild } = caret;
    classList.add("cm-other-caret");
    classList.toggle("cm-other-below", this.below);
    classList.toggle("cm-other-before", this.before);
    style.setProperty("--person", colourOf(this.cursor));
    style.left = `${this.at.left}px`;
    style.top = `${this.at.top}px`;
    style.height = `${this.at.height}px`;
    if (lastElementChild !== null) lastElementChild.textContent = this.name;
  }

  private fly(caret: HTMLElement): void {
    caret.classList.add("cm-other-moving");
    clearTimeout(timers.get(caret));
    timers.set(
      caret,
      setTimeout(() => caret.classList.remove("cm-other-moving"), flagTime),
    );
  }
}

function colourOf({ person }: OtherCursor): string {
  return `var(--person-${person % colours})`;
}

const moved = (update: ViewUpdate) =>
  update.docChanged ||
  update.viewportChanged ||
  update.geometryChanged ||
  update.startState.field(othersField, false) !== update.state.field(othersField, false) ||
  update.startState.facet(people) !== update.state.facet(people);

const carets = layer({
  above: true,
  class: "cm-other-carets",
  update: moved,
  markers: (view) =>
    shown(view.state).flatMap((cursor) => {
      const name = view.state.facet(people).names.get(cursor.person) ?? "Someone";
      const heads = cursor.ranges.flatMap(({ head }) =>
        RectangleMarker.forRange(view, "", EditorSelection.cursor(Math.min(head, view.state.doc.length))),
      );
      return heads.map((at) => new Caret(cursor, name, at, view));
    }),
});

const selections = layer({
  above: false,
  class: "cm-other-selections",
  update: moved,
  markers: (view) =>
    shown(view.state).flatMap((cursor) =>
      cursor.ranges.flatMap(({ anchor, head }) => {
        const end = view.state.doc.length;
        const range = EditorSelection.range(Math.min(anchor, end), Math.min(head, end));
        const kind = `cm-other-selection cm-person-${cursor.person % colours}`;
        return range.empty ? [] : RectangleMarker.forRange(view, kind, range);
      }),
    ),
});

const theme = EditorView.theme({
  ".cm-other-carets": { pointerEvents: "none" },
  ".cm-other-caret": { width: "0", borderLeft: "2px solid var(--person)", marginLeft: "-1px" },
  // A knob to point at: the caret itself is too thin, and what is under it stays clickable.
  ".cm-other-caret > i": {
    position: "absolute",
    top: "-4px",
    left: "-4px",
    width: "6px",
    height: "6px",
    borderRadius: "2px",
    backgroundColor: "var(--person)",
    pointerEvents: "auto",
  },
  ".cm-other-caret > span": {
    position: "absolute",
    left: "-2px",
    bottom: "100%",
    maxWidth: `${flagWidth}px`,
    padding: "0 5px",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
    borderRadius: "4px 4px 4px 0",
    font: "600 11px/16px var(--font-sans, system-ui, sans-serif)",
    color: "var(--person-foreground)",
    backgroundColor: "var(--person)",
    opacity: "0",
    transition: "opacity 150ms",
  },
  ".cm-other-below > span": { bottom: "auto", top: "100%", borderRadius: "0 4px 4px 4px" },
  ".cm-other-before > span": { left: "auto", right: "0", borderRadius: "4px 4px 0 4px" },
  ".cm-other-moving > span, .cm-other-caret > i:hover + span": { opacity: "1" },
  ...Object.fromEntries(
    Array.from({ length: colours }, (_, i) => [
      `.cm-other-selection.cm-person-${i}`,
      { backgroundColor: `color-mix(in oklab, var(--person-${i}) 18%, transparent)` },
    ]),
  ),
});

/** Draws where others are. */
export const others: Extension = [selections, carets, theme];
