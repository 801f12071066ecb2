import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { messageOf } from "@/api/request";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import type { FileEntry } from "@/connection";
import { FileIcon } from "../files/FileIcon";
import { join, parentOf } from "../files/tree";
import type { WorkspaceSession } from "../session";
import { symbolIcon, useSymbolsAround } from "../symbols/useSymbols";
import type { Cursor } from "./EditorPane";

type BreadcrumbsProps = { session: WorkspaceSession; path: string; cursor: Cursor | null; onSymbols: () => void };

/** Where one is: the folders, the file, and what of it the cursor is in. Each leads to what is beside it. */
export function Breadcrumbs({ session, path, cursor, onSymbols }: BreadcrumbsProps) {
  const names = path.split("/");
  const around = useSymbolsAround(session, cursor);
  return (
    <nav
      aria-label="Where you are"
      className="flex h-6.5 shrink-0 items-center overflow-x-auto px-2.5 text-xs whitespace-nowrap text-muted-foreground
        [scrollbar-width:none]"
    >
      {names.map((name, index) => (
        <Crumb
          key={index}
          session={session}
          path={names.slice(0, index + 1).join("/")}
          name={name}
          first={index === 0}
        />
      ))}
      {around.map(({ name, kind, place }, index) => {
        const Icon = symbolIcon(kind);
        return (
          <span key={`${name}:${place.line}`} className="flex items-center">
            <ChevronRight aria-hidden className="size-3 shrink-0 opacity-60" />
            <button
              type="button"
              className="flex max-w-48 items-center gap-1 truncate rounded px-1 hover:bg-accent hover:text-foreground"
              title={index === around.length - 1 ? "Go to symbol" : `Line ${place.line}`}
              onClick={() => {
                if (index === around.length - 1) onSymbols();
                else session.tabs.target.set({ path, place });
              }}
            >
              <Icon aria-hidden className="size-3.5 shrink-0" />
              <span className="truncate">{name}</span>
            </button>
          </span>
        );
      })}
    </nav>
  );
}

type CrumbProps = { session: WorkspaceSession; path: string; name: string; first: boolean };

function Crumb({ session, path, name, first }: CrumbProps) {
  const [beside, setBeside] = useState<readonly FileEntry[] | string | null>(null);
  const folder = parentOf(path);
  const look = (open: boolean) => {
    if (!open) return;
    session.connection.request("files.list", { path: folder }).then(
      ({ entries }) => setBeside(entries.filter(({ kind }) => kind === "file" || kind === "folder")),
      (error: unknown) => setBeside(messageOf(error)),
    );
  };
  return (
    <span className="flex items-center">
      {!first && <ChevronRight aria-hidden className="size-3 shrink-0 opacity-60" />}
      <DropdownMenu onOpenChange={look}>
        <DropdownMenuTrigger className="rounded px-1 hover:bg-accent hover:text-foreground">{name}</DropdownMenuTrigger>
        <DropdownMenuContent align="start" className="max-h-80 overflow-y-auto">
          {typeof beside === "string" && <DropdownMenuLabel>{beside}</DropdownMenuLabel>}
          {beside === null && <DropdownMenuLabel>Looking</DropdownMenuLabel>}
          {Array.isArray(beside) &&
            (beside as FileEntry[]).map((entry) => (
              <DropdownMenuItem
                key={entry.name}
                onSelect={() => {
                  const at = join(folder, entry.name);
                  if (entry.kind === "file") session.tabs.open(at);
                  else session.files.toggle(at, true);
                  session.files.reveal(entry.kind === "file" ? at : `${at}/`);
                }}
              >
                <FileIcon name={entry.name} />
                {entry.kind === "folder" ? `${entry.name}/` : entry.name}
              </DropdownMenuItem>
            ))}
        </DropdownMenuContent>
      </DropdownMenu>
    </span>
  );
}
