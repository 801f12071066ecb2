import { useEffect, useState } from "react";
import { messageOf } from "@/api/request";
import { Skeleton } from "@/components/ui/skeleton";
import { fileBytes } from "../files/download";
import { nameOf } from "../files/tree";
import type { WorkspaceSession } from "../session";

type Shown = { address: string; bytes: number } | { fault: string };

/** An image of the workspace, on a chequered ground that shows what is transparent. */
export default function ImageView({ session, path }: { session: WorkspaceSession; path: string }) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [size, setSize] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    let address: string | null = null;
    fileBytes(() => session.ticket(), path, stop.signal)
      .then((response) => response.blob())
      .then((blob) => {
        if (stop.signal.aborted) return;
        address = URL.createObjectURL(blob);
        setShown({ address, bytes: blob.size });
      })
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setShown({ fault: messageOf(error) });
      });
    return () => {
      stop.abort();
      if (address) URL.revokeObjectURL(address);
    };
  }, [session, path]);
  if (!shown) return <Skeleton className="absolute inset-8 rounded-lg" />;
  if ("fault" in shown)
    return (
      <p role="alert" className="p-6 text-center">
        {shown.fault}
      </p>
    );
  return (
    <figure className="flex h-full flex-col items-center justify-center gap-3 overflow-auto p-6">
      <img
        src={shown.address}
        alt={nameOf(path)}
        className="min-h-0 max-w-full rounded border object-contain
          bg-[repeating-conic-gradient(var(--muted)_0_25%,var(--card)_0_50%)] bg-size-[16px_16px]"
        onLoad={(event) => setSize(`${event.currentTarget.naturalWidth} × ${event.currentTarget.naturalHeight}`)}
        onError={() => setShown({ fault: `${nameOf(path)} is not an image that this browser can show.` })}
      />
      <figcaption className="text-xs text-muted-foreground">
        {size} · {Math.ceil(shown.bytes / 1024)} KB
      </figcaption>
    </figure>
  );
}
