import { ChevronDown, FlaskConical, PackageOpen, Play, RotateCw, Square } from "lucide-react";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import type { CommandId } from "./commands";
import type { WorkspaceSession } from "./session";

type RunButtonProps = { session: WorkspaceSession; onCommand: (command: CommandId) => void };

/** Starts and stops the program. Both faces have one width, so that a second click hits what the first one did. */
export function RunButton({ session, onCommand }: RunButtonProps) {
  const hello = useStore(session.connection.hello);
  const online = useStore(session.connection.state).kind === "online";
  if (hello?.role === "viewer") return null;
  const state = hello?.run.state ?? "idle";
  const busy = state === "running" || state === "installing";
  const project = hello?.project ?? {};
  const why = !online
    ? "Waits for the workspace"
    : busy
      ? "Stop the program"
      : (project.run ?? "dropit.json names no run command");
  return (
    <div className="flex">
      <Tooltip text={why} keys={busy ? undefined : "Ctrl+Enter"}>
        <Button
          variant={busy ? "outline" : "primary"}
          size="sm"
          className={cn("w-18 rounded-r-none", busy && "border-r-0 text-destructive")}
          disabled={!online || (!busy && project.run === undefined)}
          onClick={() => onCommand(busy ? "stop" : "run")}
        >
          {busy ? <Square className="size-3 fill-current" /> : <Play className="size-3.5 fill-current" />}
          {busy ? "Stop" : "Run"}
        </Button>
      </Tooltip>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant={busy ? "outline" : "primary"}
            size="sm"
            aria-label="More to run"
            disabled={!online}
            className={cn("w-6 rounded-l-none px-0", !busy && "border-l border-l-primary-foreground/25")}
          >
            <ChevronDown className="size-3.5" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuItem disabled={project.run === undefined} keys="Ctrl+Enter" onSelect={() => onCommand("run")}>
            {busy ? <RotateCw /> : <Play />}
            {busy ? "Restart" : "Start"}
          </DropdownMenuItem>
          <DropdownMenuItem disabled={busy || project.install === undefined} onSelect={() => onCommand("install")}>
            <PackageOpen />
            Install dependencies
          </DropdownMenuItem>
          <DropdownMenuItem disabled={busy || project.test === undefined} onSelect={() => onCommand("test")}>
            <FlaskConical />
            Run the tests
          </DropdownMenuItem>
          <DropdownMenuLabel className="max-w-64">The commands are in dropit.json.</DropdownMenuLabel>
        </DropdownMenuContent>
      </DropdownMenu>
    </div>
  );
}
