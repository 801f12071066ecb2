import { X } from "lucide-react";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import { colourOf } from "./people";

/** Round the editor while it shows what someone else looks at. */
export function FollowFrame({ session }: { session: WorkspaceSession }) {
  const person = useStore(session.following.person);
  if (person === null) return null;
  const colour = colourOf(person);
  return (
    <div className="pointer-events-none absolute inset-0 z-20 border-2" style={{ borderColor: colour }}>
      <div
        className="pointer-events-auto absolute bottom-3 left-1/2 flex max-w-[90%] -translate-x-1/2 items-center gap-1
          rounded-full py-0.5 pr-0.5 pl-3 text-xs font-medium whitespace-nowrap shadow-floating"
        style={{ backgroundColor: colour, color: "var(--person-foreground)" }}
      >
        <span role="status" className="truncate">
          Following {person.name}
          {person.file === undefined && ", who has no file open"}
        </span>
        <button
          type="button"
          aria-label={`Stop following ${person.name}`}
          title="Stop (Escape)"
          className="grid size-6 shrink-0 place-items-center rounded-full hover:bg-black/15"
          onClick={() => session.following.stop()}
        >
          <X aria-hidden className="size-3.5" />
        </button>
      </div>
    </div>
  );
}
