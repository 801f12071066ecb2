import { KeyRound, LogOut, ScrollText, ServerCog, UserRound, UsersRound } from "lucide-react";
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
import { ThemeMenu } from "@/preferences/ThemeMenu";
import { filesOf, WaitingEdits, useKeptWorkspaces } from "./KeptHere";
import { askedImport } from "./imports";
import { StackGallery } from "./StackGallery";
import { useStacks, useWorkspaces } from "./useHomeData";
import { WorkspaceList } from "./WorkspaceList";

const ImportDialog = later(() => import("./ImportDialog"));

export default function Home({ session }: { session: Session | null }) {
  const stacks = useStacks();
  const workspaces = useWorkspaces();
  const { importing, asked, open, close } = useImport();
  return (
    <div className="h-full overflow-y-auto">
      <header className="sticky top-0 z-10 border-b bg-background/90 backdrop-blur">
        <div className="mx-auto flex h-12 max-w-6xl items-center gap-1 px-4 sm:px-6">
          <Wordmark className="flex-1" />
          <ThemeMenu />
          <UserMenu session={session} />
        </div>
      </header>
      <main className="mx-auto grid max-w-6xl grid-cols-1 gap-10 px-4 pt-8 pb-16 sm:px-6">
        <WaitingEdits />
        <StackGallery stacks={stacks} onImport={open} />
        <WorkspaceList shareable={session?.accounts ?? false} workspaces={workspaces} stacks={stacks.value ?? []} />
      </main>
      {importing && session && <ImportDialog asked={asked} onClose={close} />}
    </div>
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
