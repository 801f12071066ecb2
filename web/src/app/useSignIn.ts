import { useCallback, useEffect, useState } from "react";
import { api, type Session } from "@/api/api";
import { ApiError, messageOf } from "@/api/request";
import { signedIn, signedOutElsewhere } from "@/documents/account";

export type SignIn =
  { state: "asking" } | { state: "in"; session: Session } | { state: "out" } | { state: "failed"; message: string };

/** Who is here. Asked once for a visit; `retry` asks again. */
export function useSignIn(): { signIn: SignIn; retry: () => void } {
  const [signIn, setSignIn] = useState<SignIn>({ state: "asking" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    api.session(stop.signal).then(
      async (session) => {
        // A workspace may be shown already, with what was kept for the other.
        if (await signedIn(session.user.id)) location.reload();
        else if (!stop.signal.aborted) setSignIn({ state: "in", session });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const out = error instanceof ApiError && error.status === 401;
        if (out) void signedOutElsewhere();
        setSignIn(out ? { state: "out" } : { state: "failed", message: messageOf(error) });
      },
    );
    return () => stop.abort();
  }, [attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { signIn, retry };
}
