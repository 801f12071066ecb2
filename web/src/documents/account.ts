import { Value, type Store } from "@/connection/store";
import { remember, remembered } from "@/preferences/remembered";
import { forgetKept } from "./shelf";

const key = "account";
/** What of this browser's own memory is about the page, not about what someone did in it. */
const everyones = new Set(["dropit.preferences", "dropit.layout"]);

const value = new Value<number | null>(remembered<number | null>(key, null));

if (typeof window !== "undefined") {
  // Another tab signed out, or in.
  window.addEventListener("storage", ({ key: changed }) => {
    if (changed === `dropit.${key}` || changed === null) value.set(remembered<number | null>(key, null));
  });
}

/** The number of the user who is signed in here, also while the server is away; null: nobody is. What is kept in this browser is theirs. */
export const account: Store<number | null> = value;

/**
 * The server has said who is here. When that is someone else than before, what the other left is taken away; only their
 * edits that no server has yet stay, unseen, until they come back.
 * @returns whether it is someone else.
 */
export async function signedIn(user: number): Promise<boolean> {
  const before = value.get();
  if (before === user) return false;
  if (before !== null) {
    forgetMemory();
    await forgetKept(before, { unsent: false });
  }
  remember(key, user);
  value.set(user);
  return before !== null;
}

/** Nobody is signed in any more, though nobody has signed out here: edits that were not sent wait for who made them. */
export async function signedOutElsewhere(): Promise<void> {
  const user = value.get();
  if (user !== null) await forgetKept(user, { unsent: false });
}

/** Someone signs out here: all that this browser kept for them goes. */
export async function signedOut(): Promise<void> {
  const user = value.get();
  value.set(null);
  forgetMemory();
  if (user !== null) await forgetKept(user, { unsent: true });
}

function forgetMemory(): void {
  try {
    const names = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at));
    for (const name of names) if (name?.startsWith("dropit.") && !everyones.has(name)) localStorage.removeItem(name);
  } catch {
    // A blocked storage has kept nothing.
  }
}
