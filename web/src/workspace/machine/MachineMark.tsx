import { Cpu } from "lucide-react";
import { Tooltip } from "@/components/ui/tooltip";
import type { WorkspaceSession } from "../session";
import { bytesOf, shareOf } from "./amounts";
import { useMachine } from "./useMachine";

/** Processor, memory and disk in the status bar; a click shows the processes. */
export function MachineMark({ session, onOpen }: { session: WorkspaceSession; onOpen: () => void }) {
  const sample = useMachine(session);
  if (sample === null) return null;
  const { cpu, processors, memory, disk } = sample;
  return (
    <Tooltip text="Processes, and what keeps the workspace awake" side="top">
      <button
        type="button"
        className="flex items-center gap-2 rounded px-1 tabular-nums hover:bg-accent"
        onClick={onOpen}
      >
        <Cpu aria-hidden className="size-3" />
        <span className="inline-block min-w-7 text-right">
          <span className="sr-only">Processor </span>
          {shareOf(cpu, processors)}
        </span>
        <span className="inline-block min-w-11 text-right">
          <span className="sr-only">memory </span>
          {bytesOf(memory)}
        </span>
        {disk !== undefined && <span className="max-md:hidden">{bytesOf(disk)} disk</span>}
        <span className="sr-only">Show the processes</span>
      </button>
    </Tooltip>
  );
}
