import { useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Progress } from "@/components/ui/progress";
import { Skeleton } from "@/components/ui/skeleton";
import type { MachineProcess, MachineSample } from "@/connection";
import type { WorkspaceSession } from "../session";
import { awakeWords, bytesOf, shareOf } from "./amounts";
import { SleepChoice } from "./SleepChoice";
import { useMachine } from "./useMachine";

type MachineSheetProps = { session: WorkspaceSession; canEdit: boolean; onClose: () => void };

/** What the workspace uses, its processes with a way to end each, and why it does not sleep. */
export default function MachineSheet({ session, canEdit, onClose }: MachineSheetProps) {
  const sample = useMachine(session);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title="Machine"
        className="top-[8vh] max-h-[84vh] w-[min(44rem,calc(100vw-1.5rem))] grid-rows-[auto_auto_minmax(0,1fr)] overflow-hidden"
      >
        {sample === null ? (
          <div aria-busy className="grid gap-3">
            <Skeleton className="h-10" />
            <Skeleton className="h-32" />
          </div>
        ) : (
          <>
            <div className="grid gap-3">
              {sample.unprotected !== undefined && (
                <p
                  role="note"
                  aria-label="No sandbox"
                  className="rounded-md bg-warning-ground px-2.5 py-1.5 text-xs text-pretty"
                >
                  {sample.unprotected}
                </p>
              )}
              <Use sample={sample} />
            </div>
            <div className="min-h-0 overflow-auto">
              <Processes
                session={session}
                processes={sample.processes}
                processors={sample.processors}
                canEdit={canEdit}
              />
              <h3 className="mt-4 mb-1 text-xs font-semibold text-muted-foreground">What keeps it awake</h3>
              <ul className="grid gap-0.5">
                {awakeWords(sample).map((reason) => (
                  <li key={reason}>{reason}</li>
                ))}
              </ul>
              <SleepChoice session={session} canEdit={canEdit} />
            </div>
          </>
        )}
      </DialogContent>
    </Dialog>
  );
}

function Use({ sample }: { sample: MachineSample }) {
  const { cpu, processors, memory, memoryLimit, disk, diskFree } = sample;
  return (
    <dl className="grid gap-4 sm:grid-cols-3">
      <Amount
        name="Processor"
        value={shareOf(cpu, processors)}
        of={`of ${Number.isInteger(processors) ? processors : processors.toFixed(1)} ${processors === 1 ? "core" : "cores"}`}
        share={cpu === undefined ? 0 : cpu / processors}
      />
      <Amount name="Memory" value={bytesOf(memory)} of={`of ${bytesOf(memoryLimit)}`} share={memory / memoryLimit} />
      <Amount
        name="Disk"
        value={disk === undefined ? "Measuring" : bytesOf(disk)}
        of={diskFree === undefined ? "" : `${bytesOf(diskFree)} free`}
        share={disk === undefined || diskFree === undefined ? 0 : disk / (disk + diskFree)}
      />
    </dl>
  );
}

function Amount({ name, value, of, share }: { name: string; value: string; of: string; share: number }) {
  return (
    <div>
      <dt className="text-xs text-muted-foreground">{name}</dt>
      <dd className="mt-0.5 grid gap-1.5">
        <span className="tabular-nums">
          <span className="text-base font-semibold">{value}</span> <span className="text-muted-foreground">{of}</span>
        </span>
        <Progress value={share} label={`${name}: ${value} ${of}`} />
      </dd>
    </div>
  );
}

type ProcessesProps = {
  session: WorkspaceSession;
  processes: MachineProcess[];
  processors: number;
  canEdit: boolean;
};

function Processes({ session, processes, processors, canEdit }: ProcessesProps) {
  /** Those that were asked to end and have not: the next click does not ask. */
  const [asked, setAsked] = useState<ReadonlySet<string>>(new Set());
  const end = (process: MachineProcess) => {
    const { pid, started } = process;
    const force = asked.has(keyOf(process));
    setAsked(new Set([...asked, keyOf(process)]));
    session.connection
      .request("machine.end", { pid, started, ...(force && { force }) })
      .catch((error: unknown) => toast.error(messageOf(error)));
  };
  if (processes.length === 0) return <p className="text-muted-foreground">No program runs.</p>;
  return (
    <table className="w-full table-fixed text-left text-xs">
      <caption className="sr-only">Processes of this workspace</caption>
      <thead className="sticky top-0 z-10 bg-popover text-muted-foreground">
        <tr>
          <th scope="col" className="w-auto py-1 font-medium">
            Process
          </th>
          <th scope="col" className="w-16 py-1 text-right font-medium max-sm:hidden">
            PID
          </th>
          <th scope="col" className="w-14 py-1 text-right font-medium">
            CPU
          </th>
          <th scope="col" className="w-18 py-1 text-right font-medium">
            Memory
          </th>
          <th scope="col" className="w-20 py-1">
            <span className="sr-only">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {processes.map((process) => (
          <tr key={keyOf(process)} className="border-t">
            <td className="truncate py-1 pr-2 font-mono" title={process.command}>
              {process.command}
            </td>
            <td className="py-1 text-right tabular-nums text-muted-foreground max-sm:hidden">{process.pid}</td>
            <td className="py-1 text-right tabular-nums">{shareOf(process.cpu, processors)}</td>
            <td className="py-1 text-right tabular-nums">{bytesOf(process.memory)}</td>
            <td className="py-0.5 text-right">
              <Button
                size="xs"
                disabled={!canEdit}
                aria-label={`${asked.has(keyOf(process)) ? "Kill" : "End"} ${process.name} (${process.pid})`}
                onClick={() => end(process)}
              >
                {asked.has(keyOf(process)) ? "Kill" : "End"}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function keyOf({ pid, started }: MachineProcess): string {
  return `${pid} ${started}`;
}
