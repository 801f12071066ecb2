import { CircleAlert, FolderGit2, TriangleAlert } from "lucide-react";
import type { Stack } from "@/api/api";
import { navigate } from "@/app/router";
import { cn } from "@/components/cn";
import { StackIcon } from "@/components/StackIcon";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Loaded } from "./useHomeData";

const grid = "grid grid-cols-2 gap-2.5 md:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5";

export function StackGallery({ stacks, onImport }: { stacks: Loaded<Stack[]>; onImport: () => void }) {
  return (
    <section aria-labelledby="new-workspace">
      <h1 id="new-workspace" className="text-xl font-semibold tracking-tight">
        What do you want to build?
      </h1>
      <p className="mt-1 mb-4 text-sm text-muted-foreground">
        Pick a stack. You get an editor, a terminal and its output in a workspace of your own.
      </p>
      {stacks.value ? (
        <ul className={grid}>
          {[...stacks.value]
            .sort((a, b) => a.order - b.order)
            .map((stack) => (
              <li key={stack.id}>
                <StackCard stack={stack} />
              </li>
            ))}
          <li>
            <ImportCard onImport={onImport} />
          </li>
        </ul>
      ) : stacks.error ? (
        <div role="alert" className="flex items-center gap-3 rounded-lg border bg-destructive-ground p-4">
          <p className="flex-1">{stacks.error}</p>
          <Button onClick={stacks.reload}>Try again</Button>
        </div>
      ) : (
        <div className={grid} aria-busy aria-label="Loading the stacks">
          {Array.from({ length: 9 }, (_, index) => (
            <Skeleton key={index} className="h-[5.75rem] rounded-lg" />
          ))}
        </div>
      )}
    </section>
  );
}

function ImportCard({ onImport }: { onImport: () => void }) {
  return (
    <button
      type="button"
      aria-label="Import code"
      aria-describedby="import-card"
      onClick={onImport}
      className={cn(
        "flex h-full min-h-[5.75rem] w-full flex-col gap-2 rounded-lg border border-dashed border-input p-3 text-left",
        "transition-[border-color,background-color] hover:border-ring hover:bg-accent/40",
      )}
    >
      <span className="flex items-center gap-2.5">
        <span className="grid size-6 shrink-0 place-items-center text-muted-foreground">
          <FolderGit2 aria-hidden className="size-5" />
        </span>
        <span className="truncate text-sm font-medium">Import</span>
      </span>
      <span id="import-card" className="text-xs text-muted-foreground">
        A Git repository or a zip that you have
      </span>
    </button>
  );
}

function StackCard({ stack }: { stack: Stack }) {
  const missing = stack.missing.map(({ message }) => message).join(" ");
  return (
    <button
      type="button"
      disabled={Boolean(stack.error)}
      aria-label={`New ${stack.name} workspace`}
      aria-describedby={`stack-${stack.id}`}
      onClick={() => navigate(`/new/${stack.id}`)}
      className={cn(
        "flex h-full min-h-[5.75rem] w-full flex-col gap-2 rounded-lg border bg-card p-3 text-left shadow-raised",
        "transition-[border-color,background-color] hover:border-ring hover:bg-accent/40 disabled:opacity-60",
      )}
    >
      <span className="flex items-center gap-2.5">
        <StackIcon stack={stack.id} />
        <span className="truncate text-sm font-medium">{stack.name}</span>
      </span>
      <span id={`stack-${stack.id}`} className="grid gap-1.5 text-xs text-muted-foreground">
        <span className="line-clamp-2">{stack.description}</span>
        {stack.error ? (
          <span className="flex gap-1.5 text-destructive">
            <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            <span>{stack.error}</span>
          </span>
        ) : (
          missing && (
            <span className="flex gap-1.5 text-warning">
              <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
              <span>{missing}</span>
            </span>
          )
        )}
      </span>
    </button>
  );
}
