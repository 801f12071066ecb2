import { useEffect, useState, type FunctionComponent, type ReactNode } from "react";
import { useStore, Value } from "@/connection/store";

/** A component whose code comes when it is shown, or when `fetch` asks for it ahead of that. */
export type Later<P> = FunctionComponent<P> & { fetch: () => void };

/**
 * A component in a file of its own, fetched when it is first shown; until it has come, `fallback` stands in its place.
 * It is not React's `lazy`, which suspends also when the file came long ago: what was suspended is held back for 300 ms,
 * so that fallbacks do not flicker. Here code that is there is shown at once. A file that does not come (the page is
 * offline) is a fault for the error boundary; trying again asks for it again.
 */
export function later<P extends object>(
  load: () => Promise<{ default: FunctionComponent<P> }>,
  fallback: ReactNode = null,
): Later<P> {
  const loaded = new Value<{ Component: FunctionComponent<P> } | null>(null);
  let coming: Promise<void> | null = null;
  const fetch = () =>
    (coming ??= load().then(
      (module) => loaded.set({ Component: module.default }),
      (fault: unknown) => {
        coming = null;
        throw fault;
      },
    ));
  const Shown = (props: P) => {
    const now = useStore(loaded);
    const [failed, setFailed] = useState<{ fault: unknown } | null>(null);
    useEffect(() => {
      fetch().catch((fault: unknown) => setFailed({ fault }));
    }, []);
    if (failed !== null) throw failed.fault;
    return now === null ? fallback : <now.Component {...props} />;
  };
  return Object.assign(Shown, { fetch: () => void fetch().catch(() => undefined) });
}
