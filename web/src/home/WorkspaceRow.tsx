import {
  Download,
  Ellipsis,
  FolderInput,
  GitFork,
  LayoutTemplate,
  LogOut,
  Moon,
  PencilLine,
  Trash2,
  UserRoundPlus,
} from "lucide-react";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { api, type WorkspaceInfo } from "@/api/api";
import { messageOf } from "@/api/request";
import { Link } from "@/app/Link";
import { cn } from "@/components/cn";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { later } from "@/components/later";
import { StackIcon } from "@/components/StackIcon";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Input } from "@/components/ui/input";
import { sharing as shared } from "@/sharing/sharing";
import type { TeamInfo } from "@/teams/teams";
import { ago, stateLabels } from "./labels";

const MoveDialog = later(() => import("@/teams/MoveDialog"));
const TemplateDialog = later(() => import("@/teams/TemplateDialog"));
const ShareDialog = later(() => import("@/sharing/ShareDialog"));

type RowProps = {
  /** People have accounts here, so there is someone to share with. */
  shareable: boolean;
  /** The teams one is in. */
  teams: TeamInfo[];
  workspace: WorkspaceInfo;
  stackName: string;
  now: number;
  /** Shows a change before the server has answered; null: it is deleted. */
  onChanged: (change: Partial<WorkspaceInfo> | null) => void;
  /** The server has answered, whichever way: what it says now holds. */
  onSettled: () => void;
};

export function WorkspaceRow({ shareable, teams, workspace, stackName, now, onChanged, onSettled }: RowProps) {
  const [renaming, setRenaming] = useState(false);
  const renameNext = useRef(false);
  const [deleting, setDeleting] = useState(false);
  const [sharing, setSharing] = useState(false);
  const [moving, setMoving] = useState(false);
  const [copying, setCopying] = useState(false);
  const { slug, name, stack, state, team } = workspace;
  const owns = workspace.role === "owner";
  const leads = team ? teams.some(({ id, role }) => id === team.id && role === "admin") : false;

  const settle = (asked: Promise<unknown>) => {
    asked.catch((error: unknown) => toast.error(messageOf(error))).finally(onSettled);
  };
  const rename = (next: string) => {
    setRenaming(false);
    if (next === "" || next === name) return;
    onChanged({ name: next });
    settle(api.rename(slug, next));
  };

  return (
    <li className="group relative flex min-h-13 items-center gap-3 px-3 py-2 hover:bg-accent/40">
      <StackIcon stack={stack} />
      <div className="min-w-0 flex-1">
        {renaming ? (
          <NameInput name={name} onDone={rename} />
        ) : (
          <Link href={`/w/${slug}`} className="block truncate rounded text-sm font-medium after:absolute after:inset-0">
            {name}
          </Link>
        )}
        <p className="truncate text-xs text-muted-foreground">
          {stackName}
          <span className="mx-1.5">·</span>
          {!owns && !team && (
            <>
              shared with you as {workspace.role}
              <span className="mx-1.5">·</span>
            </>
          )}
          <span className="font-mono">{slug}</span>
          <span className="sm:hidden">
            <span className="mx-1.5">·</span>
            {ago(workspace.usedAt, now)}
          </span>
        </p>
        {state === "asleep" && workspace.message && (
          <p className="truncate text-xs text-muted-foreground">{workspace.message}</p>
        )}
        {state === "failed" && workspace.message && <p className="text-xs text-destructive">{workspace.message}</p>}
      </div>
      <StateLabel state={state} />
      <time
        dateTime={workspace.usedAt}
        title={new Date(workspace.usedAt).toLocaleString()}
        className="hidden w-28 text-right text-xs text-muted-foreground sm:block"
      >
        {ago(workspace.usedAt, now)}
      </time>
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" className="relative" aria-label={`Actions for ${name}`}>
            <Ellipsis />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          align="end"
          onCloseAutoFocus={(event) => {
            // The field can take the focus once the menu has let go of it.
            if (!renameNext.current) return;
            renameNext.current = false;
            event.preventDefault();
            setRenaming(true);
          }}
        >
          {owns && (
            <DropdownMenuItem
              onSelect={() => {
                renameNext.current = true;
              }}
            >
              <PencilLine />
              Rename
            </DropdownMenuItem>
          )}
          {owns && shareable && (
            <DropdownMenuItem onSelect={() => setSharing(true)}>
              <UserRoundPlus />
              Share
            </DropdownMenuItem>
          )}
          {(team ? leads : owns && teams.length > 0) && (
            <DropdownMenuItem onSelect={() => setMoving(true)}>
              <FolderInput />
              Move
            </DropdownMenuItem>
          )}
          {leads && (
            <DropdownMenuItem onSelect={() => setCopying(true)}>
              <LayoutTemplate />
              Use as a template
            </DropdownMenuItem>
          )}
          <DropdownMenuItem asChild>
            <a href={api.archiveAddress(slug)} download={`${name}.zip`}>
              <Download />
              Download as zip
            </a>
          </DropdownMenuItem>
          <DropdownMenuItem
            onSelect={() =>
              settle(api.fork(slug, team?.id ?? null).then((made) => toast.success(`${made.name} was made.`)))
            }
          >
            <GitFork />
            Fork
          </DropdownMenuItem>
          <DropdownMenuItem
            disabled={state === "asleep" || state === "stopping" || workspace.role === "viewer"}
            onSelect={() => {
              onChanged({ state: "stopping" });
              settle(api.stop(slug));
            }}
          >
            <Moon />
            Stop
          </DropdownMenuItem>
          {(owns || !team) && <DropdownMenuSeparator />}
          {owns ? (
            <DropdownMenuItem tone="destructive" onSelect={() => setDeleting(true)}>
              <Trash2 />
              Delete
            </DropdownMenuItem>
          ) : (
            !team && (
              <DropdownMenuItem
                tone="destructive"
                onSelect={() => {
                  onChanged(null);
                  settle(shared.leave(slug));
                }}
              >
                <LogOut />
                Leave
              </DropdownMenuItem>
            )
          )}
        </DropdownMenuContent>
      </DropdownMenu>
      {sharing && (
        <ShareDialog
          workspace={workspace}
          onClose={() => setSharing(false)}
          onHandedOver={() => {
            setSharing(false);
            onSettled();
          }}
        />
      )}
      {moving && (
        <MoveDialog
          workspace={workspace}
          all={teams}
          onClose={() => setMoving(false)}
          onMoved={() => {
            setMoving(false);
            onSettled();
          }}
        />
      )}
      {copying && team && <TemplateDialog workspace={workspace} team={team} onClose={() => setCopying(false)} />}
      {deleting && (
        <ConfirmDialog
          title={`Delete ${name}?`}
          description={`Its files and their history are deleted for good. Download it as a zip first if you may want them again.`}
          action="Delete workspace"
          onConfirm={() => {
            onChanged(null);
            settle(api.remove(slug));
          }}
          onClose={() => setDeleting(false)}
        />
      )}
    </li>
  );
}

function NameInput({ name, onDone }: { name: string; onDone: (name: string) => void }) {
  const [value, setValue] = useState(name);
  return (
    <Input
      autoFocus
      aria-label="Name of the workspace"
      maxLength={80}
      className="-ml-2 h-6 max-w-72 px-2 text-sm font-medium"
      value={value}
      onFocus={(event) => event.target.select()}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => onDone(value.trim())}
      onKeyDown={(event) => {
        if (event.key === "Enter") onDone(value.trim());
        if (event.key === "Escape") onDone(name);
      }}
    />
  );
}

const dots: Record<WorkspaceInfo["state"], string> = {
  asleep: "border border-muted-foreground/60",
  starting: "bg-warning animate-pulse-soft",
  restoring: "bg-warning animate-pulse-soft",
  awake: "bg-success",
  stopping: "bg-muted-foreground animate-pulse-soft",
  failed: "bg-destructive",
};

function StateLabel({ state }: { state: WorkspaceInfo["state"] }) {
  return (
    <span className="flex items-center gap-1.5 text-xs text-muted-foreground sm:w-20">
      <span aria-hidden className={cn("size-2 rounded-full", dots[state])} />
      <span className="max-sm:sr-only">{stateLabels[state]}</span>
    </span>
  );
}
