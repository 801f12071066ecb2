import { api } from "@/api/api";
import { Value } from "@/connection";
import { remember, remembered } from "@/preferences/remembered";
import { firstLayout, type Layout } from "../layout";
import type { FilePlace } from "@/editor";
import { fitted, noView, readView, withPlace, type View } from "./view";

/** Milliseconds after the last change until it goes to the server. */
const pause = 1_500;

/**
 * How one left a workspace: kept in this browser at once, and at the server a moment later, so that it is the same on another device.
 * Whichever of the two is newer holds when the workspace is opened.
 */
export class KeptView {
  readonly layout: Value<Layout>;
  /** Settled when the server has answered, or cannot: from then on nothing comes in from there. */
  readonly settled: Promise<void>;
  private readonly slug: string;
  private readonly key: string;
  private view: View;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly leave = () => this.flush();

  /** @param adopt is told of a view that another device left, before `settled`. */
  constructor(slug: string, adopt: (view: View) => void) {
    this.slug = slug;
    this.key = `view.${slug}`;
    this.view = readView(remembered<unknown>(this.key, null)) ?? noView;
    const first = firstLayout(innerWidth, innerHeight);
    // A workspace that is opened for the first time looks as the last one did.
    this.layout = new Value({ ...first, ...remembered<Partial<Layout>>("layout", {}), ...this.view.layout });
    this.settled = api.view(slug).then(
      (kept) => {
        const view = readView(kept);
        if (view === null || view.at <= this.view.at) return;
        // Sizes are of the other device's screen; those of this one stay when it has its own.
        const layout = this.view.layout ?? (view.layout && { ...this.layout.get(), ...shownOf(view.layout) });
        this.view = { ...view, layout };
        if (layout) this.layout.set(layout);
        adopt(this.view);
        remember(this.key, this.view);
      },
      () => undefined, // This browser's own holds.
    );
    window.addEventListener("pagehide", this.leave);
  }

  get current(): View {
    return this.view;
  }

  setLayout(layout: Layout): void {
    this.layout.set(layout);
    remember("layout", layout);
    this.set({ layout });
  }

  setPlace(path: string, place: FilePlace): void {
    if (JSON.stringify(this.view.places[path]) === JSON.stringify(place)) return;
    this.view = withPlace(this.view, path, place);
    this.set({});
  }

  set(change: Partial<View>): void {
    this.view = { ...this.view, ...change, at: Date.now() };
    remember(this.key, this.view);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  close(): void {
    this.flush();
    window.removeEventListener("pagehide", this.leave);
  }

  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    api.putView(this.slug, fitted(this.view)).catch(() => undefined); // Kept here; the next change sends it.
  }
}

function shownOf({ files, side, terminal, output }: Layout): Partial<Layout> {
  return { files, side, terminal, output };
}
