import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import type { Stack, WorkspaceInfo } from "@/api/api";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import { Skeleton } from "@/components/ui/skeleton";
import { matches } from "./labels";
import type { Loaded } from "@/api/useLoaded";
import { Link } from "@/app/Link";
import type { TeamInfo } from "@/teams/teams";
import { WorkspaceRow } from "./WorkspaceRow";

/** From how many workspaces on a search is worth its place. */
const searchFrom = 6;

type ListProps = {
  workspaces: Loaded<WorkspaceInfo[]>;
  stacks: Stack[];
  /** There are others to share with. */
  shareable: boolean;
  /** The team whose workspaces are shown; null: one's own, and what others share. */
  team: TeamInfo | null;
  /** All that one is in. */
  teams: TeamInfo[];
};

export function WorkspaceList({ workspaces, stacks, shareable, team, teams }: ListProps) {
  const [query, setQuery] = useState("");
  const now = useNow();
  const all = workspaces.value;
  const here = all?.filter((one) => (one.team?.id ?? null) === (team?.id ?? null));
  const stackName = (id: string) => stacks.find((stack) => stack.id === id)?.name ?? id;
  const shown = (here ?? [])
    .filter((one) => matches(query, [one.name, one.slug, stackName(one.stack)]))
    .sort((a, b) => b.usedAt.localeCompare(a.usedAt));
  return (
    <section aria-labelledby="my-workspaces">
      <div className="mb-3 flex min-h-8 items-center gap-3">
        <h2 id="my-workspaces" className="flex-1 text-sm font-semibold">
          {team ? `Workspaces of ${team.name}` : "My workspaces"}
          {here && here.length > 0 && <span className="ml-2 font-normal text-muted-foreground">{here.length}</span>}
        </h2>
        {team && (
          <Link href={`/teams/${team.id}`} className="rounded text-ui underline underline-offset-4">
            Members and limits
          </Link>
        )}
        {here && here.length >= searchFrom && (
          <div className="relative w-full max-w-56">
            <Search aria-hidden className="absolute top-2 left-2.5 size-4 text-muted-foreground" />
            <Input
              type="search"
              aria-label="Search my workspaces"
              placeholder="Search"
              className="pl-8"
              value={query}
              onChange={(event) => setQuery(event.target.value)}
            />
          </div>
        )}
      </div>
      {workspaces.error && (
        <div role="alert" className="mb-3 flex items-center gap-3 rounded-lg border bg-destructive-ground px-4 py-2">
          <p className="flex-1">{workspaces.error}</p>
          <Button size="sm" onClick={workspaces.reload}>
            Try again
          </Button>
        </div>
      )}
      {!all || !here ? (
        !workspaces.error && <Loading />
      ) : here.length === 0 ? (
        <Empty team={team} />
      ) : shown.length === 0 ? (
        <p className="rounded-lg border border-dashed p-8 text-center text-muted-foreground">
          No workspace matches “{query}”.
        </p>
      ) : (
        <ul className="divide-y overflow-hidden rounded-lg border bg-card shadow-raised">
          {shown.map((one) => (
            <WorkspaceRow
              shareable={shareable}
              teams={teams}
              key={one.slug}
              workspace={one}
              stackName={stackName(one.stack)}
              now={now}
              onChanged={(change) => {
                workspaces.replace(
                  change === null
                    ? all.filter((other) => other.slug !== one.slug)
                    : all.map((other) => (other.slug === one.slug ? { ...other, ...change } : other)),
                );
              }}
              onSettled={workspaces.reload}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function Loading() {
  return (
    <div
      className="divide-y overflow-hidden rounded-lg border bg-card"
      role="group"
      aria-busy
      aria-label="Loading my workspaces"
    >
      {Array.from({ length: 3 }, (_, index) => (
        <div key={index} className="flex h-13 items-center gap-3 px-3">
          <Skeleton className="size-6" />
          <Skeleton className="h-3.5 w-40" />
        </div>
      ))}
    </div>
  );
}

function Empty({ team }: { team: TeamInfo | null }) {
  return (
    <div className="rounded-lg border border-dashed px-6 py-8">
      <p className="text-sm font-medium">Nothing here yet</p>
      <ul className="mt-2 grid list-disc gap-1 pl-4 text-muted-foreground">
        <li>Pick a stack above: files are ready at once, and Run starts the program.</li>
        {team && (
          <li>Everyone in {team.name} edits what is made here. Workspaces of your own can be moved here, too.</li>
        )}
        <li>A workspace falls asleep when you leave it and wakes when you open it. Nothing in it is lost.</li>
        <li>All of its files can be downloaded as a zip, asleep or not.</li>
      </ul>
    </div>
  );
}

/** The time, for words such as "5 minutes ago"; Unix milliseconds, new every half minute. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
