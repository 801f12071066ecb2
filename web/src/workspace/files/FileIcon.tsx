import {
  Braces,
  Database,
  File,
  FileArchive,
  FileCode,
  FileImage,
  FileLock,
  FileSymlink,
  FileTerminal,
  FileText,
  Folder,
  FolderOpen,
  type LucideIcon,
} from "lucide-react";
import type { FileEntry } from "@/connection";
import { cn } from "@/components/cn";

const kinds: [RegExp, LucideIcon, string][] = [
  [/(^|[-.])lock(\.|$)|\.lock$|-lock\.(json|yaml)$|^go\.sum$/i, FileLock, "text-muted-foreground"],
  [/\.(tsx?|mts|cts)$/i, FileCode, "text-[#3b82c4]"],
  [/\.(jsx?|mjs|cjs)$/i, FileCode, "text-[#b08a1e] dark:text-[#d9b84a]"],
  [/\.(json|jsonc|ya?ml|toml)$/i, Braces, "text-[#a8782a] dark:text-[#c9a35a]"],
  [/\.py$/i, FileCode, "text-[#3a7ca5] dark:text-[#64a9d6]"],
  [/(\.go|go\.mod)$/i, FileCode, "text-[#0b93ad]"],
  [/\.(c|cc|cpp|cxx|h|hh|hpp)$/i, FileCode, "text-[#4273b5] dark:text-[#7ba6e0]"],
  [/\.(cs|csproj|sln|slnx)$/i, FileCode, "text-[#8a56b8] dark:text-[#b78ae0]"],
  [/\.(html?|vue|svelte|xml)$/i, FileCode, "text-[#c9602f] dark:text-[#e58a5c]"],
  [/\.(css|scss|sass|less)$/i, FileCode, "text-[#7a5bc0] dark:text-[#a78be8]"],
  [/\.(png|jpe?g|gif|webp|avif|ico|bmp|svg)$/i, FileImage, "text-[#4a8f5c] dark:text-[#72bd87]"],
  [/\.(zip|t?gz|tar|xz|bz2|7z)$/i, FileArchive, "text-muted-foreground"],
  [/\.(sh|bash|zsh|ps1)$|^(makefile|dockerfile)$/i, FileTerminal, "text-[#5d8a3c] dark:text-[#8fbf6a]"],
  [/\.(sql|db|sqlite3?)$/i, Database, "text-muted-foreground"],
  [/\.(md|txt|rst|log)$|^(license|readme)/i, FileText, "text-muted-foreground"],
];

/** The icon of a file or folder by its name. */
export function FileIcon({
  name,
  kind = "file",
  open = false,
}: {
  name: string;
  kind?: FileEntry["kind"];
  open?: boolean;
}) {
  if (kind === "folder") {
    const Icon = open ? FolderOpen : Folder;
    return <Icon aria-hidden className="size-4 shrink-0 text-muted-foreground" />;
  }
  if (kind === "link") return <FileSymlink aria-hidden className="size-4 shrink-0 text-muted-foreground" />;
  const [, Icon, tone] = kinds.find(([pattern]) => pattern.test(name)) ?? [null, File, "text-muted-foreground"];
  return <Icon aria-hidden className={cn("size-4 shrink-0", tone)} />;
}
