import { toast } from "sonner";

/** Milliseconds after the page has loaded until the worker is fetched: the first keys come first. */
const afterLoad = 3_000;
/** Milliseconds between two looks for a new version, beside the browser's own. */
const pause = 30 * 60_000;

let registration: ServiceWorkerRegistration | null = null;
let looked = 0;

/**
 * Has the browser keep the built page, so that it opens without a server (worker.ts). Only where browsers allow it, on
 * https and localhost; elsewhere everything else works as ever.
 */
export function keepPage(): void {
  const workers = (navigator as { serviceWorker?: ServiceWorkerContainer }).serviceWorker;
  if (workers === undefined || import.meta.env.DEV) return;
  const begin = () => {
    workers.register("/sw.js", { updateViaCache: "none" }).then(
      (made) => {
        registration = made;
        looked = Date.now();
        made.addEventListener("updatefound", () => {
          // The first one of all is no news.
          if (made.active !== null) tellWhenReady(made.installing);
        });
      },
      () => undefined, // A certificate that the browser does not trust, or storage that is blocked: the page stays online only.
    );
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - looked > pause) lookForNewVersion();
    });
  };
  const soon = () => setTimeout(() => requestIdle(begin), afterLoad);
  if (document.readyState === "complete") soon();
  else window.addEventListener("load", soon, { once: true });
}

/** After the server was away: it may be another one now. */
export function lookForNewVersion(): void {
  looked = Date.now();
  registration?.update().catch(() => undefined); // Without a server there is nothing new.
}

function tellWhenReady(worker: ServiceWorker | null): void {
  worker?.addEventListener("statechange", () => {
    if (worker.state !== "activated") return;
    toast.info("drop.it has a new version.", {
      id: "new-version",
      duration: Infinity,
      action: { label: "Reload", onClick: () => location.reload() },
    });
  });
}

// Safari has no idle callback.
function requestIdle(begin: () => void): void {
  const idle = (window as { requestIdleCallback?: typeof requestIdleCallback }).requestIdleCallback;
  if (idle === undefined) begin();
  else idle(begin, { timeout: 5_000 });
}
