import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import { colourOf, inFile, othersHere } from "./people";

/** In words: who else is in the file that is shown. */
export function InFileMark({ session }: { session: WorkspaceSession }) {
  const hello = useStore(session.connection.hello);
  const { active } = useStore(session.tabs.tabs);
  const others = othersHere(hello);
  const first = others.find(({ file }) => file === active);
  if (active === null || first === undefined) return null;
  return (
    <span className="flex min-w-0 items-center gap-1.5">
      <span aria-hidden className="size-2 shrink-0 rounded-full" style={{ backgroundColor: colourOf(first) }} />
      <span className="truncate">{inFile(others, active)}</span>
    </span>
  );
}
