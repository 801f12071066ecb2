import { useEffect, useState } from "react";
import { Bar } from "@/account/Bar";
import type { Session } from "@/api/api";
import { later } from "@/components/later";
import { WaitingEdits } from "@/offline/KeptHere";
import { useRemembered } from "@/preferences/remembered";
import type { TeamInfo } from "@/teams/teams";
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
      <Bar session={session} wide>
        {teams.length > 0 && <TeamChoice teams={teams} chosen={team} onChoose={setChosen} />}
      </Bar>
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
