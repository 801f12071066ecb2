import type { Connection } from "@/connection";

/** Milliseconds between two signs: far less than anything sleeps after. */
const every = 20_000;

/** What only a person does. The pointer that merely moves is none: it does so when a desk is bumped. */
const signs = ["keydown", "pointerdown", "wheel", "touchmove"] as const;

/** Tells the workspace that someone uses this page, now and then while it is so. The function that it returns ends that. */
export function tellPresence(connection: Connection): () => void {
  let told = Number.NEGATIVE_INFINITY;
  const tell = () => {
    const now = Date.now();
    const soon = connection.hello.get()?.sleep ?? null;
    if (!connection.online || (now - told < every && soon === null)) return;
    told = now;
    connection.request("awake.stay", {}).catch(() => undefined); // The next sign tells it again.
  };
  for (const sign of signs) window.addEventListener(sign, tell, { capture: true, passive: true });
  return () => {
    for (const sign of signs) window.removeEventListener(sign, tell, { capture: true });
  };
}
