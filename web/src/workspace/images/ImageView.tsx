import { useEffect, useState } from "react";
import { messageOf } from "@/api/request";
import { Skeleton } from "@/components/ui/skeleton";
import { nameOf } from "../files/tree";
import { imageAddress } from "./image";
import type { WorkspaceSession } from "../session";

type Shown = { address: string; bytes: number } | { fault: string };

/** `revision`: another one means that the file has changed. */
type ImageViewProps = { session: WorkspaceSession; path: string; revision?: unknown };

/** An image of the workspace, on a chequered ground that shows what is transparent. */
export default function ImageView({ session, path, revision }: ImageViewProps) {
  const [shown, setShown] = useState<Shown | null>(null);
  const [size, setSize] = useState("");
  useEffect(() => {
    const stop = new AbortController();
    let release: () => void = () => undefined;
    imageAddress(session, path, stop.signal).then(
      (image) => {
        release = image.release;
        if (stop.signal.aborted) release();
        else setShown(image);
      },
      (error: unknown) => {
        if (!stop.signal.aborted) setShown({ fault: messageOf(error) });
      },
    );
    return () => {
      stop.abort();
      release();
    };
  }, [session, path, revision]);
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
        className="min-h-0 max-w-full rounded border object-contain [[src^='data:image/svg']]:min-w-24
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
