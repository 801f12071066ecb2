import { useEffect } from "react";
import { api } from "@/api/api";
import { preferences, setPreferences, subscribePreferences } from "./preferences";
import { remember, remembered } from "./remembered";
import { valid } from "./settings";

/** Milliseconds after the last change until it goes to the server. */
const pause = 400;
/** In this browser: a change that the server does not have yet. */
const unsent = "preferences.unsent";

/** Keeps what one prefers at the server too, so that it follows to another device; this browser's copy is the fast one. */
export function useFollowedPreferences(signedIn: boolean): void {
  useEffect(() => {
    if (!signedIn) return;
    const visit = { left: false, adopting: false };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const send = () => {
      clearTimeout(timer);
      timer = undefined;
      api.putSettings(preferences()).then(
        () => remember(unsent, false),
        () => undefined, // Still marked: the next visit sends it.
      );
    };
    const leave = () => {
      if (timer !== undefined) send();
    };
    const end = subscribePreferences(() => {
      if (visit.adopting) return;
      remember(unsent, true);
      clearTimeout(timer);
      timer = setTimeout(send, pause);
    });
    if (remembered<boolean>(unsent, false)) send();
    else
      api.settings().then(
        (kept) => {
          if (visit.left || remembered<boolean>(unsent, false)) return;
          visit.adopting = true;
          setPreferences(valid(kept));
          visit.adopting = false;
        },
        () => undefined, // Without an answer this browser's own hold.
      );
    window.addEventListener("pagehide", leave);
    return () => {
      visit.left = true;
      leave();
      end();
      window.removeEventListener("pagehide", leave);
    };
  }, [signedIn]);
}
