import { KeyRound, LogOut, ScrollText, ServerCog, UserRound, Users, UsersRound } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { api, type Session } from "@/api/api";
import { messageOf } from "@/api/request";
import { navigate } from "@/app/router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
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
import { signedOut } from "@/documents/account";
import { filesOf, useKeptWorkspaces } from "@/offline/KeptHere";

/** Who is signed in, the pages about them and about the server, and the way out; null: it is not known yet. */
export function UserMenu({ session }: { session: Session | null }) {
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
