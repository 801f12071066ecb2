import { RotateCw, X } from "lucide-react";
import { useEffect, useState } from "react";
import { messageOf } from "@/api/request";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { DiffView } from "@/editor/DiffView";
import { usePreferences } from "@/preferences/preferences";
import { useNarrow } from "@/preferences/theme";
import type { Comparison } from "./compare";

type Texts = { left: string; right: string } | { fault: string };

/** A comparison in the place of the editor, until it is closed. */
export default function ComparePane({ comparison, onClose }: { comparison: Comparison; onClose: () => void }) {
  const [texts, setTexts] = useState<Texts | null>(null);
  const [attempt, setAttempt] = useState(0);
  const { fontSize } = usePreferences();
  const narrow = useNarrow();
  const { left, right, path } = comparison;
  useEffect(() => {
    let ended = false;
    Promise.all([left.text(), right.text()]).then(
      ([before, now]) => {
        if (!ended) setTexts({ left: before, right: now });
      },
      (error: unknown) => {
        if (!ended) setTexts({ fault: messageOf(error) });
      },
    );
    return () => {
      ended = true;
    };
  }, [left, right, attempt]);
  return (
    <section
      aria-label={`Comparison of ${left.title} with ${right.title}`}
      className="flex h-full flex-col"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <div className="flex min-h-8 shrink-0 items-center gap-2 border-b bg-sidebar py-1 pr-1.5 pl-3 text-xs">
        <p className="flex min-w-0 flex-1 flex-wrap gap-x-2">
          <span className="max-w-full truncate" title={left.title}>
            {left.title}
          </span>
          <span aria-hidden className="text-muted-foreground">
            →
          </span>
          <span className="max-w-full truncate font-medium" title={right.title}>
            {right.title}
          </span>
        </p>
        {texts && !("fault" in texts) && texts.left === texts.right && (
          <span role="status" className="shrink-0 text-muted-foreground">
            No difference
          </span>
        )}
        <Tooltip text="Compare again">
          <Button variant="ghost" size="icon-sm" aria-label="Compare again" onClick={() => setAttempt(attempt + 1)}>
            <RotateCw />
          </Button>
        </Tooltip>
        <Button variant="ghost" size="icon-sm" aria-label="Close the comparison" autoFocus onClick={onClose}>
          <X />
        </Button>
      </div>
      <div className="min-h-0 flex-1">
        {texts === null ? (
          <Skeleton className="m-4 h-24" />
        ) : "fault" in texts ? (
          <p role="alert" className="p-6 text-center text-muted-foreground">
            {texts.fault}
          </p>
        ) : (
          <DiffView
            left={texts.left}
            right={texts.right}
            path={path}
            unified={narrow}
            fontSize={fontSize}
            labels={{ left: left.title, right: right.title }}
          />
        )}
      </div>
    </section>
  );
}
