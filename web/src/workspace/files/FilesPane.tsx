import { ChevronsDownUp, FilePlus, FolderPlus, Upload } from "lucide-react";
import { useRef, useState, type DragEvent } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Tooltip } from "@/components/ui/tooltip";
import type { WorkspaceSession } from "../session";
import { FileTree, type Naming } from "./FileTree";
import { UploadList } from "./UploadList";
import { parentOf } from "./tree";
import { dropped } from "./uploads";

type FilesPaneProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  naming: Naming | null;
  onNaming: (naming: Naming | null) => void;
  /** A file was opened by hand. */
  onOpened: () => void;
};

/** The files of the workspace: the tree, what can be done with all of it, and uploads under way. */
export function FilesPane({ session, canEdit, naming, onNaming, onOpened }: FilesPaneProps) {
  const [selected, setSelected] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const folderOfSelection = () => {
    if (selected === null) return "";
    const listing = session.files.tree.get().folders.get(parentOf(selected));
    const name = selected.slice(selected.lastIndexOf("/") + 1);
    const entry = listing?.state === "ready" ? listing.entries.find((one) => one.name === name) : undefined;
    return entry?.kind === "folder" ? selected : parentOf(selected);
  };
  const create = (kind: "file" | "folder") => {
    const folder = folderOfSelection();
    if (folder !== "") session.files.toggle(folder, true);
    onNaming({ kind, folder });
  };
  const upload = (folder: string, files: { path: string; file: File }[]) => {
    session.uploads
      .send(folder, files)
      .then(() => session.files.load(folder))
      .catch((error: unknown) => toast.error(messageOf(error)));
  };
  const fromMachine = (event: DragEvent) => canEdit && event.dataTransfer.types.includes("Files");

  return (
    <section
      aria-label="File explorer"
      className={cn("flex h-full flex-col bg-sidebar", over && "outline-2 -outline-offset-2 outline-ring")}
      onDragOver={(event) => {
        if (!fromMachine(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!fromMachine(event)) return;
        event.preventDefault();
        const target = (event.target as HTMLElement).closest<HTMLElement>("[data-folder]")?.dataset.folder ?? "";
        dropped(event.dataTransfer).then(
          (files) => upload(target, files),
          (error: unknown) => toast.error(messageOf(error)),
        );
      }}
    >
      <div className="flex h-9 shrink-0 items-center gap-0.5 pr-1.5 pl-3">
        <h2 className="flex-1 text-xs font-semibold text-muted-foreground">Files</h2>
        {canEdit && (
          <>
            <Tooltip text="New file">
              <Button variant="ghost" size="icon-sm" aria-label="New file" onClick={() => create("file")}>
                <FilePlus />
              </Button>
            </Tooltip>
            <Tooltip text="New folder">
              <Button variant="ghost" size="icon-sm" aria-label="New folder" onClick={() => create("folder")}>
                <FolderPlus />
              </Button>
            </Tooltip>
            <Tooltip text="Upload files, or drop them on a folder">
              <Button variant="ghost" size="icon-sm" aria-label="Upload files" onClick={() => picker.current?.click()}>
                <Upload />
              </Button>
            </Tooltip>
          </>
        )}
        <Tooltip text="Close all folders">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label="Close all folders"
            onClick={() => session.files.collapseAll()}
          >
            <ChevronsDownUp />
          </Button>
        </Tooltip>
      </div>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])].map((file) => ({ path: file.name, file }));
          upload(folderOfSelection(), files);
          event.target.value = "";
        }}
      />
      <FileTree
        session={session}
        canEdit={canEdit}
        selected={selected}
        onSelect={setSelected}
        naming={naming}
        onNaming={onNaming}
        onOpened={onOpened}
      />
      <UploadList uploads={session.uploads} />
    </section>
  );
}
