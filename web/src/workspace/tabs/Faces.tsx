import { Columns2, Eye, PencilLine } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/cn";
import { later } from "@/components/later";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import { useRemembered } from "@/preferences/remembered";
import { useNarrow } from "@/preferences/theme";
import type { WorkspaceSession } from "../session";
import { useOffers } from "../offers";
import { Split } from "../Split";

const MarkdownView = later(() => import("../markdown/MarkdownView"));
const ImageView = later(() => import("../images/ImageView"));

type Face = "edit" | "beside" | "preview";

/** Files that can be read as well as edited. */
export const hasFaces = (path: string) => /\.(md|markdown|svg)$/i.test(path);

const faces: { face: Face; name: string; icon: typeof Eye }[] = [
  { face: "edit", name: "Edit", icon: PencilLine },
  { face: "beside", name: "Preview beside", icon: Columns2 },
  { face: "preview", name: "Preview", icon: Eye },
];

/** The text of a file, what it looks like, or both beside each other. */
export function Faces({ session, path, editor }: { session: WorkspaceSession; path: string; editor: ReactNode }) {
  const picture = /\.svg$/i.test(path);
  const [chosen, setChosen] = useRemembered<Face>(picture ? "face.svg" : "face.md", picture ? "preview" : "edit");
  const [width, setWidth] = useRemembered("face.width", 420);
  const narrow = useNarrow();
  const document = session.tabs.document(path);
  const state = useStore(document.state);
  const saved = state.kind === "ready" && state.saved;
  const face = narrow && chosen === "beside" ? "preview" : chosen;
  useOffers(session.offers, {
    "face-edit": () => setChosen("edit"),
    "face-beside": () => setChosen("beside"),
    "face-preview": () => setChosen("preview"),
  });
  const view = picture ? (
    <ImageView session={session} path={path} revision={saved} />
  ) : (
    <MarkdownView session={session} document={document} path={path} />
  );
  return (
    <div className="flex h-full flex-col">
      <div
        role="group"
        aria-label="How the file is shown"
        className="flex h-8 shrink-0 items-center justify-end gap-0.5 border-b px-1.5"
      >
        {faces
          .filter((one) => !narrow || one.face !== "beside")
          .map(({ face: one, name, icon: Icon }) => (
            <Tooltip key={one} text={name}>
              <button
                type="button"
                aria-label={name}
                aria-pressed={one === face}
                className={cn(
                  "grid size-6 place-items-center rounded-md text-muted-foreground hover:bg-accent",
                  one === face && "bg-selected text-foreground",
                )}
                onClick={() => setChosen(one)}
              >
                <Icon aria-hidden className="size-3.5" />
              </button>
            </Tooltip>
          ))}
      </div>
      <div className="relative min-h-0 flex-1">
        {face === "edit" ? (
          editor
        ) : face === "preview" ? (
          // While it loads, or when it cannot be opened, the editor says so.
          picture || state.kind === "ready" ? (
            view
          ) : (
            editor
          )
        ) : (
          <Split
            direction="row"
            sized="second"
            size={width}
            min={160}
            rest={200}
            label="Width of the preview"
            onSize={setWidth}
            first={<div className="relative h-full">{editor}</div>}
            second={view}
          />
        )}
      </div>
    </div>
  );
}
