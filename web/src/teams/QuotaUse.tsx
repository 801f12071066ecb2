import { cn } from "@/components/cn";
import type { Bound, TeamQuota } from "./teams";

/** What a team has of what it may have. */
export function QuotaUse({ quota }: { quota: TeamQuota }) {
  const { workspaces, awake, cores, memoryMegabytes, storageMegabytes, awakeNames, note } = quota;
  return (
    <div className="grid gap-3">
      <dl className="grid grid-cols-2 sm:grid-cols-3 gap-x-6 gap-y-3">
        <Line label="Workspaces" bound={workspaces} />
        <Line label="Awake at once" bound={awake} />
        <Line label="Cores of those awake" bound={cores} />
        <Line label="Memory of those awake" bound={memoryMegabytes} unit=" MiB" />
        <Line label="Storage" bound={storageMegabytes} unit=" MiB" />
      </dl>
      {awakeNames.length > 0 && <p className="text-xs text-muted-foreground">Awake: {awakeNames.join(", ")}.</p>}
      {note && <p className="text-xs text-muted-foreground">Not everything can be bounded here. {note}</p>}
    </div>
  );
}

function Line({ label, bound: { used, most }, unit = "" }: { label: string; bound: Bound; unit?: string }) {
  const bounded = typeof most === "number";
  return (
    <div className="grid content-start gap-1">
      <dt className="text-xs text-muted-foreground">{label}</dt>
      <dd className="text-ui">
        {used.toLocaleString()}
        {unit}
        {bounded ? ` of ${most.toLocaleString()}${unit}` : <span className="text-muted-foreground">, no bound</span>}
        {bounded && <Bar share={most === 0 ? 1 : used / most} />}
      </dd>
    </div>
  );
}

/** What the words beside it say. */
function Bar({ share }: { share: number }) {
  return (
    <span aria-hidden className="mt-1.5 block h-1.5 overflow-hidden rounded-full bg-muted">
      <span
        className={cn("block h-full rounded-full", share >= 1 ? "bg-warning" : "bg-primary")}
        style={{ width: `${Math.min(share, 1) * 100}%` }}
      />
    </span>
  );
}
