import { Check, ShieldCheck } from "lucide-react";
import { Tooltip } from "@/components/ui/tooltip";
import type { DocumentState } from "@/documents";

/** How far an edit has come: in this page, on the workspace's disk, out of the workspace. Empty: nothing to say. */
export type Save = "unsent" | "saved" | "safe" | "";

export function saveOf(state: DocumentState): Save {
  if (state.kind !== "ready") return "";
  if (state.unsent > 0 || !state.saved) return "unsent";
  return state.safe ? "safe" : "saved";
}

export const saveWords = {
  unsent: { name: "unsaved", text: "On its way. It is kept in this browser until the workspace has it." },
  saved: { name: "saved", text: "Saved: it is in the file on the workspace's disk." },
  safe: { name: "safe", text: "Safe: an edit shown as safe survives the loss of any one process." },
};

/** A mark of one size for every state, so that nothing moves while one types. */
export function SaveMark({ save }: { save: Save }) {
  if (save === "") return <span aria-hidden className="size-3.5 shrink-0" />;
  return (
    <Tooltip text={saveWords[save].text}>
      <span className="grid size-3.5 shrink-0 place-items-center" aria-hidden>
        {save === "unsent" && <span className="size-2 rounded-full bg-foreground/70" />}
        {save === "saved" && <Check className="size-3.5 text-muted-foreground" />}
        {save === "safe" && <ShieldCheck className="size-3.5 text-muted-foreground/70" />}
      </span>
    </Tooltip>
  );
}
