import { useEffect, useState } from "react";
import { encode } from "uqr";
import { messageOf } from "@/api/request";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import type { WorkspaceSession } from "../session";
import { onlyThisMachine } from "./previews";

type QrCodeProps = { session: WorkspaceSession; port: number; path: string; onClose: () => void };

/** The preview's address for a phone's camera; where only this machine can reach it, how to change that. */
export default function QrCode({ session, port, path, onClose }: QrCodeProps) {
  const local = onlyThisMachine(location.hostname);
  const [shown, setShown] = useState<{ address: string } | { fault: string } | null>(null);
  useEffect(() => {
    if (local) return;
    let left = false;
    session.previews.address(port, path).then(
      (address) => {
        if (!left) setShown({ address });
      },
      (error: unknown) => {
        if (!left) setShown({ fault: messageOf(error) });
      },
    );
    return () => {
      left = true;
    };
  }, [session, port, path, local]);
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent title="Open it on a phone">
        {local ? (
          <>
            <p>
              This server is reached as <code>{location.host}</code>, which means “this machine” on every machine: a
              phone would look at itself.
            </p>
            <p className="text-muted-foreground">
              Start it with <code>--bind 0.0.0.0 --domain NAME --origin http://NAME:{location.port || "80"}</code>,
              where NAME and all names below it lead to this machine, and open this page under that name. Then the code
              is shown here.
            </p>
          </>
        ) : shown === null ? (
          <Skeleton className="mx-auto size-56" />
        ) : "fault" in shown ? (
          <p role="alert">{shown.fault}</p>
        ) : (
          <>
            <Code text={shown.address} />
            <p className="text-center text-xs text-muted-foreground">
              The code lets in whoever scans it, for a few minutes. The phone must reach this server.
            </p>
          </>
        )}
      </DialogContent>
    </Dialog>
  );
}

function Code({ text }: { text: string }) {
  const { data, size } = encode(text, { ecc: "L", border: 4 });
  const path = data.map((row, y) => row.map((dark, x) => (dark ? `M${x},${y}h1v1h-1z` : "")).join("")).join("");
  return (
    <svg
      role="img"
      aria-label="QR code of the preview's address"
      viewBox={`0 0 ${size} ${size}`}
      className="mx-auto size-64"
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" shapeRendering="crispEdges" />
    </svg>
  );
}
