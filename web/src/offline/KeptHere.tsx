import { useEffect, useState, type ReactNode } from "react";
import { Link } from "@/app/Link";
import { keptWorkspaces, type KeptWorkspace } from "@/documents/shelf";
import { account } from "@/documents/account";
import { knownName } from "@/workspace/known";

/** The workspaces that have files in this browser; null until it has answered. */
export function useKeptWorkspaces(): readonly KeptWorkspace[] | null {
  const [kept, setKept] = useState<readonly KeptWorkspace[] | null>(null);
  useEffect(() => {
    let left = false;
    const user = account.get();
    void (user === null ? Promise.resolve([]) : keptWorkspaces(user)).then((found) => {
      if (!left) setKept(found);
    });
    return () => {
      left = true;
    };
  }, []);
  return kept;
}

export const filesOf = (count: number): string => `${count} ${count === 1 ? "file" : "files"}`;

/** Edits that were made without a connection and that no workspace has yet: they go out when their workspace is opened. */
export function WaitingEdits() {
  const waiting = useKeptWorkspaces()?.filter(({ unsent }) => unsent > 0) ?? [];
  if (waiting.length === 0) return null;
  return (
    <section aria-label="Edits that wait" className="grid gap-2 rounded-lg border bg-warning-ground px-4 py-3">
      <p>
        Edits in this browser have not reached their workspaces, so they are not safe yet. Open a workspace to send
        them.
      </p>
      <KeptList kept={waiting} about={({ unsent }) => `edits in ${filesOf(unsent)}`} />
    </section>
  );
}

/** Links to workspaces that open without a connection. */
export function KeptList({
  kept,
  about,
}: {
  kept: readonly KeptWorkspace[];
  about: (workspace: KeptWorkspace) => ReactNode;
}) {
  return (
    <ul className="grid">
      {kept.map((workspace) => (
        <li key={workspace.slug}>
          <Link
            href={`/w/${workspace.slug}`}
            className="flex min-h-9 flex-wrap items-center gap-x-2 py-1 font-medium underline-offset-2 hover:underline max-md:min-h-11"
          >
            {knownName(workspace.slug)}
            <span className="font-normal text-muted-foreground">{about(workspace)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
