import { Users } from "lucide-react";
import { cn } from "@/components/cn";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore, type Person } from "@/connection";
import type { WorkspaceSession } from "../session";
import { colourOf, initials, namesOf, othersHere } from "./people";

/** People that have a place of their own in the bar; the list has all. */
const inBar = 4;

/** Who else has the workspace open. Nothing is shown while nobody has. */
export function PeopleHere({ session }: { session: WorkspaceSession }) {
  const hello = useStore(session.connection.hello);
  const { kind } = useStore(session.connection.state);
  const followed = useStore(session.following.person)?.id;
  const others = kind === "online" ? othersHere(hello) : [];
  const more = hello?.people.more ?? 0;
  const me = hello?.people.here.find(({ id }) => id === hello.user);
  const follow = ({ id }: Person) => (id === followed ? session.following.stop() : session.following.start(id));
  return (
    <>
      <span aria-live="polite" className="sr-only">
        {others.length > 0 && `${namesOf(others)} ${others.length + more === 1 ? "is" : "are"} here too`}
      </span>
      {others.length > 0 && (
        <div role="group" aria-label="People" className="mr-1 flex items-center">
          <div className="flex gap-0.5 max-md:hidden">
            {others.slice(0, inBar).map((person) => (
              <Tooltip key={person.id} text={`${person.name}: ${placeOf(person)}. Click to follow`}>
                <button
                  type="button"
                  aria-pressed={person.id === followed}
                  className="rounded-full"
                  onClick={() => follow(person)}
                >
                  <span className="sr-only">Follow {person.name}</span>
                  <Avatar person={person} ring={person.id === followed} />
                </button>
              </Tooltip>
            ))}
          </div>
          <DropdownMenu>
            <DropdownMenuTrigger
              className="ml-1 flex h-7 items-center gap-1 rounded-md px-1.5 text-xs text-muted-foreground tabular-nums
                hover:bg-accent max-md:ml-0"
            >
              <span className="sr-only">Who is here: {namesOf(others)}</span>
              <span className="flex -space-x-1 md:hidden">
                {others.slice(0, 2).map((person) => (
                  <Avatar key={person.id} person={person} ring={person.id === followed} />
                ))}
              </span>
              <Users aria-hidden className="size-3.5 max-md:hidden" />
              <span aria-hidden className={cn(others.length + more <= 2 && "max-md:hidden")}>
                {others.length + more + 1}
              </span>
            </DropdownMenuTrigger>
            <DropdownMenuContent align="end" className="max-h-96 w-72 max-w-[calc(100vw-1rem)] overflow-y-auto">
              <DropdownMenuLabel>Here now. Choose someone to follow them</DropdownMenuLabel>
              {others.map((person) => (
                <DropdownMenuItem key={person.id} onSelect={() => follow(person)}>
                  <Line person={person} note={person.id === followed ? "following" : ""} />
                </DropdownMenuItem>
              ))}
              {me && (
                <DropdownMenuLabel className="flex items-center gap-2 text-ui text-foreground">
                  <Line person={me} note="you" />
                </DropdownMenuLabel>
              )}
              {more > 0 && <DropdownMenuLabel>And {more} more</DropdownMenuLabel>}
            </DropdownMenuContent>
          </DropdownMenu>
        </div>
      )}
    </>
  );
}

function Line({ person, note }: { person: Person; note: string }) {
  return (
    <>
      <Avatar person={person} ring={false} />
      <span className="grid min-w-0 flex-1">
        <span className="truncate">
          {person.name}
          {note !== "" && <span className="text-muted-foreground"> ({note})</span>}
        </span>
        <span className="truncate text-2xs text-muted-foreground">
          {person.role}, {placeOf(person)}
        </span>
      </span>
    </>
  );
}

function Avatar({ person, ring }: { person: Person; ring: boolean }) {
  return (
    <span
      aria-hidden
      className={cn(
        "grid size-6 shrink-0 place-items-center rounded-full border-2 border-sidebar text-[0.625rem] leading-none font-semibold",
        ring && "outline-2 outline-ring",
      )}
      style={{ backgroundColor: colourOf(person), color: "var(--person-foreground)" }}
    >
      {initials(person.name)}
    </span>
  );
}

function placeOf({ file }: Person): string {
  return file === undefined ? "no file open" : `in ${file}`;
}
