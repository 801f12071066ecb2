import {
  ChevronsDownUp,
  Ellipsis,
  FileArchive,
  FilePlus,
  FolderPlus,
  FolderUp,
  Download,
  Undo2,
  Upload,
} from "lucide-react";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { api } from "@/api/api";
import { messageOf } from "@/api/request";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Tooltip } from "@/components/ui/tooltip";
import type { WorkspaceSession } from "../session";
import { useAway } from "../away";
import { useOffers } from "../offers";
import { FileTree, type Naming } from "./FileTree";
import { KeptFiles } from "./KeptFiles";
import { UploadList } from "./UploadList";
import { noSelection } from "./selection";
import { join, parentOf } from "./tree";
import { dropped, type Picked } from "./uploads";

type FilesPaneProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  naming: Naming | null;
  onNaming: (naming: Naming | null) => void;
  /** A file was opened by hand. */
  onOpened: () => void;
  /** The history of a file or folder is asked for. */
  onHistory: (path: string) => void;
};

/** The files of the workspace: the tree, what can be done with all of it, and uploads under way. */
export function FilesPane({ session, canEdit, naming, onNaming, onOpened, onHistory }: FilesPaneProps) {
  const [selection, setSelection] = useState(noSelection);
  const away = useAway(session);
  const picker = useRef<HTMLInputElement>(null);
  const folderPicker = useRef<HTMLInputElement>(null);
  const zipPicker = useRef<HTMLInputElement>(null);
  const zipInto = useRef("");

  const folderOfSelection = () => {
    const { cursor } = selection;
    if (cursor === null) return "";
    return session.files.entry(cursor)?.kind === "folder" ? cursor : parentOf(cursor);
  };
  const create = (kind: "file" | "folder") => {
    const folder = folderOfSelection();
    if (folder !== "") session.files.toggle(folder, true);
    onNaming({ kind, folder });
  };
  const tell = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error)));
  };
  const upload = async (folder: string, { files, folders }: Picked) => {
    for (const empty of folders) await session.files.create(join(folder, empty), "folder");
    await session.uploads.send(folder, files);
    await session.files.load(folder);
  };
  const unpack = (into: string) => {
    zipInto.current = into;
    zipPicker.current?.click();
  };

  useOffers(session.offers, {
    upload: () => picker.current?.click(),
    "upload-folder": () => folderPicker.current?.click(),
    "upload-zip": () => unpack(folderOfSelection()),
    "close-folders": () => session.files.collapseAll(),
  });

  return (
    <section aria-label="File explorer" className="flex h-full flex-col bg-sidebar">
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
        <DropdownMenu>
          <DropdownMenuTrigger asChild>
            <Button variant="ghost" size="icon-sm" aria-label="More for files">
              <Ellipsis />
            </Button>
          </DropdownMenuTrigger>
          <DropdownMenuContent align="end">
            {canEdit && (
              <>
                <DropdownMenuItem onSelect={() => folderPicker.current?.click()}>
                  <FolderUp />
                  Upload a folder
                </DropdownMenuItem>
                <DropdownMenuItem onSelect={() => unpack(folderOfSelection())}>
                  <FileArchive />
                  Upload and unpack a zip
                </DropdownMenuItem>
              </>
            )}
            <DropdownMenuItem asChild>
              <a href={api.archiveAddress(session.slug)} download>
                <Download />
                Download all as zip
              </a>
            </DropdownMenuItem>
            {canEdit && (
              <>
                <DropdownMenuSeparator />
                <DropdownMenuItem keys="Ctrl+Z" onSelect={() => tell(session.fileActions.undo())}>
                  <Undo2 />
                  Undo in the files
                </DropdownMenuItem>
              </>
            )}
          </DropdownMenuContent>
        </DropdownMenu>
      </div>
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        onChange={(event) => {
          const files = [...(event.target.files ?? [])].map((file) => ({ path: file.name, file }));
          tell(upload(folderOfSelection(), { files, folders: [] }));
          event.target.value = "";
        }}
      />
      <input
        ref={folderPicker}
        type="file"
        hidden
        aria-label="Folder to upload"
        {...{ webkitdirectory: "" }}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])].map((file) => ({ path: file.webkitRelativePath, file }));
          tell(upload(folderOfSelection(), { files, folders: [] }));
          event.target.value = "";
        }}
      />
      <input
        ref={zipPicker}
        type="file"
        accept=".zip,application/zip"
        hidden
        aria-label="Zip to unpack"
        onChange={(event) => {
          const [zip] = event.target.files ?? [];
          event.target.value = "";
          if (!zip) return;
          const into = zipInto.current;
          const done = session.uploads.unpack(into, zip).then(async () => {
            await session.files.load(into);
            toast.success(`${zip.name} is unpacked`);
          });
          tell(done);
        }}
      />
      {away ? (
        <KeptFiles session={session} onOpened={onOpened} />
      ) : (
        <FileTree
          session={session}
          canEdit={canEdit}
          selection={selection}
          onSelection={setSelection}
          naming={naming}
          onNaming={onNaming}
          onOpened={onOpened}
          onHistory={onHistory}
          onFiles={(folder, data) => tell(dropped(data).then((picked) => upload(folder, picked)))}
          onZip={unpack}
        />
      )}
      <UploadList uploads={session.uploads} />
    </section>
  );
}
