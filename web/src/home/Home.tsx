import { KeyRound, LogOut, ScrollText, ServerCog, UserRound, Users, UsersRound } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { api, type Session } from "@/api/api";
import { messageOf } from "@/api/request";
import { navigate } from "@/app/router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { signedOut } from "@/documents/account";
import { Wordmark } from "@/components/Brand";
import { later } from "@/components/later";
import { Button } from "@/components/ui/button";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu";
import { Skeleton } from "@/components/ui/skeleton";
import { useRemembered } from "@/preferences/remembered";
import { ThemeMenu } from "@/preferences/ThemeMenu";
import type { TeamInfo } from "@/teams/teams";
import { filesOf, WaitingEdits, useKeptWorkspaces } from "./KeptHere";
import { askedImport } from "./imports";
import { StackGallery } from "./StackGallery";
import { useStacks, useTeams, useTemplates, useWorkspaces } from "./useHomeData";
import { WorkspaceList } from "./WorkspaceList";

const ImportDialog = later(() => import("./ImportDialog"));

export default function Home({ session }: { session: Session | null }) {
  const stacks = useStacks();
  const workspaces = useWorkspaces();
  const teams = useTeams(session?.accounts ?? false);
  const [chosen, setChosen] = useRemembered<number | null>("team", null);
  const team = teams.find(({ id }) => id === chosen) ?? null;
  const templates = useTemplates(team?.id ?? null);
  const { importing, asked, open, close } = useImport();
  return (
    <div className="h-full overflow-y-auto">
      <header className="sticky top-0 z-10 border-b bg-background/90 backdrop-blur">
        <div className="mx-auto flex h-12 max-w-6xl items-center gap-1 px-4 sm:px-6">
          <Wordmark className={teams.length > 0 ? "mr-2" : "flex-1"} />
          {teams.length > 0 && (
            <div className="min-w-0 flex-1">
              <TeamChoice teams={teams} chosen={team} onChoose={setChosen} />
            </div>
          )}
          <ThemeMenu />
          <UserMenu session={session} />
        </div>
      </header>
      <main className="mx-auto grid max-w-6xl grid-cols-1 gap-10 px-4 pt-8 pb-16 sm:px-6">
        <WaitingEdits />
        <StackGallery stacks={stacks} team={team} templates={templates} onImport={open} />
        <WorkspaceList
          shareable={session?.accounts ?? false}
          workspaces={workspaces}
          stacks={stacks.value ?? []}
          team={team}
          teams={teams}
        />
      </main>
      {importing && session && <ImportDialog asked={asked} team={team?.id ?? null} onClose={close} />}
    </div>
  );
}

type TeamChoiceProps = { teams: TeamInfo[]; chosen: TeamInfo | null; onChoose: (team: number | null) => void };

/** Whose workspaces are shown and made; only for who is in a team. */
function TeamChoice({ teams, chosen, onChoose }: TeamChoiceProps) {
  return (
    <select
      aria-label="Whose workspaces"
      className="h-8 max-w-full min-w-0 rounded-md border border-input bg-card px-2 text-ui max-md:text-base"
      value={chosen?.id ?? ""}
      onChange={({ target }) => onChoose(target.value === "" ? null : Number(target.value))}
    >
      <option value="">Mine</option>
      {teams.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

/** Whether code is being brought in, and which repository the page's address asked for, if it did. */
function useImport() {
  const [asked, setAsked] = useState(() => askedImport(location.hash));
  const [importing, setImporting] = useState(asked !== null);
  useEffect(() => {
    const look = () => {
      const url = askedImport(location.hash);
      if (url === null) return;
      setAsked(url);
      setImporting(true);
    };
    window.addEventListener("hashchange", look);
    return () => window.removeEventListener("hashchange", look);
  }, []);
  const close = () => {
    setImporting(false);
    setAsked(null);
    if (askedImport(location.hash) !== null) history.replaceState(null, "", "/");
  };
  const open = () => {
    setAsked(null);
    setImporting(true);
  };
  return { importing, asked, open, close };
}

function UserMenu({ session }: { session: Session | null }) {
  const [asking, setAsking] = useState(false);
  const waiting = useKeptWorkspaces()?.reduce((sum, { unsent }) => sum + unsent, 0) ?? 0;
  if (!session) return <Skeleton className="ml-1 size-7 rounded-full" />;
  const signOut = () => {
    api.signOut().then(
      () => void signedOut().then(() => location.reload()),
      (error: unknown) => toast.error(messageOf(error)),
    );
  };
  return (
    <>
      {asking && (
        <ConfirmDialog
          title="Sign out, and lose edits?"
          description={`Edits in ${filesOf(waiting)} were made without a connection and are only in this browser. Signing out deletes them. Open their workspaces to send them first.`}
          action="Delete them and sign out"
          onConfirm={signOut}
          onClose={() => setAsking(false)}
        />
      )}
      <DropdownMenu>
        <DropdownMenuTrigger asChild>
          <Button
            variant="ghost"
            size="icon"
            className="ml-1 rounded-full bg-muted text-2xs font-semibold uppercase before:content-[attr(data-initials)]"
            data-initials={session.user.name.slice(0, 2)}
            aria-label={`Account: ${session.user.name}`}
          ></Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent align="end">
          <DropdownMenuLabel>
            Signed in as {session.user.name}
            <br />
            drop.it {session.version}
          </DropdownMenuLabel>
          <DropdownMenuSeparator />
          <DropdownMenuItem onSelect={() => navigate("/account")}>
            {session.accounts ? <UserRound /> : <KeyRound />}
            {session.accounts ? "Your account" : "API tokens"}
          </DropdownMenuItem>
          {session.accounts && (
            <DropdownMenuItem onSelect={() => navigate("/teams")}>
              <Users />
              Teams
            </DropdownMenuItem>
          )}
          {session.accounts && session.user.admin && (
            <DropdownMenuItem onSelect={() => navigate("/people")}>
              <UsersRound />
              People
            </DropdownMenuItem>
          )}
          <DropdownMenuItem onSelect={() => navigate(session.user.admin ? "/admin" : "/audit")}>
            {session.user.admin ? <ServerCog /> : <ScrollText />}
            {session.user.admin ? "This server" : "Audit log"}
          </DropdownMenuItem>
          <DropdownMenuItem onSelect={() => (waiting > 0 ? setAsking(true) : signOut())}>
            <LogOut />
            Sign out
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
    </>
  );
}
