import { CircleAlert, TriangleAlert, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "./session";

/** What keeps work from being saved or the project from being read, for as long as it does. Lesser notices are in the status bar. */
export function Alerts({ session }: { session: WorkspaceSession }) {
  const hello = useStore(session.connection.hello);
  const broken = hello?.project.error;
  const [first, ...more] = hello?.notices.filter(({ level }) => level === "error") ?? [];
  return (
    <>
      {broken && (
        <Alert icon={TriangleAlert} tone="warning">
          {broken}
          <Button size="xs" className="ml-auto" onClick={() => session.tabs.open("dropit.json")}>
            Open dropit.json
          </Button>
        </Alert>
      )}
      {first && (
        <Alert icon={CircleAlert} tone="error">
          {first.message}
          {more.length > 0 && (
            <span className="text-muted-foreground">
              {more.length === 1 ? "One more notice is" : `${more.length} more notices are`} in the status bar.
            </span>
          )}
        </Alert>
      )}
    </>
  );
}

function Alert({ icon: Icon, tone, children }: { icon: LucideIcon; tone: "warning" | "error"; children: ReactNode }) {
  const [ground, text] =
    tone === "error" ? ["bg-destructive-ground", "text-destructive"] : ["bg-warning-ground", "text-warning"];
  return (
    <div role="alert" className={cn("flex min-h-8 shrink-0 flex-wrap items-center gap-x-2 border-b px-3 py-1", ground)}>
      <Icon aria-hidden className={cn("size-3.5 shrink-0", text)} />
      {children}
    </div>
  );
}
