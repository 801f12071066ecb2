import { useEffect, useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import { ports, visibilities, type Visibility } from "./visibility";

/** Who sees a port: for the owner to choose, for others to know. Nothing until the server has said it. */
export function PortVisibility({ session, port }: { session: WorkspaceSession; port: number }) {
  const { slug } = session;
  const role = useStore(session.connection.hello)?.role;
  const [visibility, setVisibility] = useState<Visibility | null>(null);
  useEffect(() => {
    let left = false;
    ports.list(slug).then(
      (all) => {
        if (!left) setVisibility(all.find((one) => one.port === port)?.visibility ?? "private");
      },
      () => undefined, // The connection tells what is wrong; a choice that is not known is not offered.
    );
    return () => {
      left = true;
    };
  }, [slug, port]);
  const shown = visibilities.find(({ id }) => id === visibility);
  if (!shown) return null;
  const choose = (next: Visibility) => {
    setVisibility(next);
    ports.show(slug, port, next).then(
      () => toast.info(visibilities.find(({ id }) => id === next)?.words),
      (error: unknown) => {
        setVisibility(visibility);
        toast.error(messageOf(error));
      },
    );
  };
  return (
    <Tooltip text={role === "owner" ? shown.words : `${shown.words} Its owner chooses.`}>
      <select
        aria-label={`Who sees port ${port}`}
        className="h-6 rounded-md border border-transparent bg-transparent px-1 text-xs hover:border-input disabled:opacity-100"
        disabled={role !== "owner"}
        value={shown.id}
        onChange={({ target }) => choose(target.value as Visibility)}
      >
        {visibilities.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </Tooltip>
  );
}
