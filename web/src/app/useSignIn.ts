import { useCallback, useEffect, useState } from "react";
import { api, type Session } from "@/api/api";
import { ApiError, messageOf } from "@/api/request";

export type SignIn =
  { state: "asking" } | { state: "in"; session: Session } | { state: "out" } | { state: "failed"; message: string };

/** Who is here. Asked once for a visit; `retry` asks again. */
export function useSignIn(): { signIn: SignIn; retry: () => void } {
  const [signIn, setSignIn] = useState<SignIn>({ state: "asking" });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    api.session(stop.signal).then(
      (session) => setSignIn({ state: "in", session }),
      (error: unknown) => {
        if (stop.signal.aborted) return;
        const out = error instanceof ApiError && error.status === 401;
        setSignIn(out ? { state: "out" } : { state: "failed", message: messageOf(error) });
      },
    );
    return () => stop.abort();
  }, [attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { signIn, retry };
}
