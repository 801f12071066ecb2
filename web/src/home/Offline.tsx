import { useEffect } from "react";
import { FullPage } from "@/app/FullPage";
import { Button } from "@/components/ui/button";
import { filesOf, KeptList, useKeptWorkspaces } from "@/offline/KeptHere";

/** Milliseconds between two tries while the server is away. */
const every = 10_000;

/** Home while the server is away: what this browser keeps can be opened and edited. */
export default function Offline({ message, onRetry }: { message: string; onRetry: () => void }) {
  const kept = useKeptWorkspaces();
  useEffect(() => {
    const timer = setInterval(onRetry, every);
    window.addEventListener("online", onRetry);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", onRetry);
    };
  }, [onRetry]);
  if (kept === null) return null;
  return (
    <FullPage title={kept.length === 0 ? "The server does not answer" : "You are offline"}>
      <p className="text-muted-foreground">{message}</p>
      {kept.length > 0 && (
        <>
          <p>
            Files of these workspaces are kept in this browser, and can be edited. Edits wait here, and are safe once
            they are sent.
          </p>
          <KeptList
            kept={kept}
            about={({ files, unsent }) =>
              unsent === 0 ? filesOf(files) : `${filesOf(files)}, edits in ${unsent} not sent yet`
            }
          />
        </>
      )}
      <Button variant="primary" className="justify-self-start" onClick={onRetry}>
        Try again
      </Button>
    </FullPage>
  );
}
