import { useState, useSyncExternalStore } from "react";
import { WorkspaceSession } from "./session";

/** The session of a workspace while a component shows it: opened when it is first drawn, closed when it is left. */
export function useSession(slug: string): WorkspaceSession | null {
  const [visit] = useState(() => new Visit(slug));
  return useSyncExternalStore(visit.subscribe, visit.get);
}

class Visit {
  private readonly slug: string;
  private session: WorkspaceSession | null = null;

  constructor(slug: string) {
    this.slug = slug;
  }

  readonly get = (): WorkspaceSession | null => this.session;

  // React looks at `get` once more after it has subscribed, so the listener has nothing to be told.
  readonly subscribe = (): (() => void) => {
    const session = new WorkspaceSession(this.slug);
    this.session = session;
    return () => {
      this.session = null;
      session.close();
    };
  };
}
