import { Skeleton } from "@/components/ui/skeleton";

/** What stands where a terminal will be. */
export function TerminalSkeleton() {
  return (
    <div role="group" aria-busy aria-label="Loading the terminal" className="p-3">
      <Skeleton className="h-3 w-48" />
    </div>
  );
}
