import { TriangleAlert } from "lucide-react";
import { Button } from "@/components/ui/button";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "./session";

/** Says that dropit.json cannot be read, until it can. */
export function ProjectNotice({ session }: { session: WorkspaceSession }) {
  const error = useStore(session.connection.hello)?.project.error;
  if (!error) return null;
  return (
    <div role="alert" className="flex min-h-8 shrink-0 items-center gap-2 border-b bg-warning-ground px-3 py-1">
      <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-warning" />
      <span className="min-w-0 flex-1">{error}</span>
      <Button size="xs" onClick={() => session.tabs.open("dropit.json")}>
        Open dropit.json
      </Button>
    </div>
  );
}
