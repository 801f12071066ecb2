import { X } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Progress } from "@/components/ui/progress";
import { useStore } from "@/connection";
import { nameOf } from "./tree";
import type { Uploads } from "./uploads";

/** How many are shown one by one; the rest is a number. */
const shownLimit = 5;

export function UploadList({ uploads }: { uploads: Uploads }) {
  const all = useStore(uploads.all);
  const batch = useStore(uploads.batch);
  if (all.length === 0) return null;
  const more = all.length - shownLimit;
  const under = all.reduce((sum, one) => sum + (one.fault === null ? one.sent : 0), 0);
  return (
    <ul aria-label="Uploads" className="grid shrink-0 gap-2 border-t p-3">
      {batch.files > 1 && (
        <li className="grid gap-1">
          <div className="flex items-center gap-2 text-xs">
            <span role="status" className="min-w-0 flex-1 truncate font-medium">
              {batch.arrived} of {batch.files} files
            </span>
            <Button variant="ghost" size="xs" className="h-5" onClick={() => uploads.stopAll()}>
              Stop all
            </Button>
          </div>
          <Progress
            value={batch.bytes === 0 ? batch.arrived / batch.files : (batch.sent + under) / batch.bytes}
            label={`Uploading ${batch.files} files`}
          />
        </li>
      )}
      {all.slice(0, shownLimit).map(({ id, path, sent, size, fault }) => (
        <li key={id} className="grid gap-1">
          <div className="flex items-center gap-2">
            <span className="min-w-0 flex-1 truncate text-xs" title={path}>
              {nameOf(path)}
            </span>
            <Button
              variant="ghost"
              size="icon-sm"
              className="size-5"
              aria-label={fault ? `Dismiss ${nameOf(path)}` : `Stop uploading ${nameOf(path)}`}
              onClick={() => uploads.dismiss(id)}
            >
              <X />
            </Button>
          </div>
          {fault ? (
            <p role="alert" className="text-xs text-destructive">
              {fault}
            </p>
          ) : (
            <Progress value={size === 0 ? 1 : sent / size} label={`Uploading ${nameOf(path)}`} />
          )}
        </li>
      ))}
      {more > 0 && <li className="text-xs text-muted-foreground">and {more} more</li>}
    </ul>
  );
}
