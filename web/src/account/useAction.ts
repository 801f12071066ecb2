import { useState } from "react";
import { messageOf } from "@/api/request";

/** Something that takes a while: `busy` meanwhile, `fault` when it was not done. */
export function useAction(): { busy: boolean; fault: string | null; run: (action: () => Promise<unknown>) => void } {
  const [state, setState] = useState<{ busy: boolean; fault: string | null }>({ busy: false, fault: null });
  const run = (action: () => Promise<unknown>) => {
    setState({ busy: true, fault: null });
    action().then(
      () => setState({ busy: false, fault: null }),
      (error: unknown) => setState({ busy: false, fault: messageOf(error) }),
    );
  };
  return { ...state, run };
}
