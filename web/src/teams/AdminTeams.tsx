import { useState } from "react";
import { Amount, amountOf, Fault } from "@/account/Field";
import { count, Row, Section } from "@/account/Page";
import { useAction } from "@/account/useAction";
import { useLoaded } from "@/api/useLoaded";
import { Button } from "@/components/ui/button";
import { QuotaUse } from "./QuotaUse";
import { teams, type AdminTeam } from "./teams";

/** Everyone's teams and what they may have, for admins of the server. */
export function AdminTeams() {
  const { value, error, reload } = useLoaded(teams.all, "/api/admin/teams");
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Section title="Teams">
      <Fault message={error} />
      {value?.length === 0 && <p className="text-muted-foreground">Nobody has made a team yet.</p>}
      <ul>
        {value?.map((team) => (
          <Row
            key={team.id}
            action={
              <Button
                size="sm"
                aria-label={`Limits of the team ${team.name}`}
                aria-expanded={open === team.id}
                onClick={() => setOpen(open === team.id ? null : team.id)}
              >
                Limits
              </Button>
            }
            below={
              open === team.id && (
                <Limits
                  team={team}
                  onSet={() => {
                    setOpen(null);
                    reload();
                  }}
                />
              )
            }
          >
            <span className="break-words">{team.name}</span>
            <span className="block text-xs break-words text-muted-foreground">
              {team.admins.length === 1 ? "admin" : "admins"} {team.admins.join(", ")}; {count(team.members, "member")},{" "}
              {count(team.quota.workspaces.used, "workspace")}, {team.quota.awake.used} awake
            </span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}

function Limits({ team: { id, quota, set }, onSet }: { team: AdminTeam; onSet: () => void }) {
  const { busy, fault, run } = useAction();
  return (
    <form
      className="grid gap-4 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        run(() =>
          teams
            .setQuota(id, {
              workspaces: amountOf(form, "workspaces"),
              awake: amountOf(form, "awake"),
              cores: amountOf(form, "cores"),
              memoryMegabytes: amountOf(form, "memory"),
              storageMegabytes: amountOf(form, "storage"),
            })
            .then(onSet),
        );
      }}
    >
      <QuotaUse quota={quota} />
      <div className="grid max-w-2xl grid-cols-2 gap-3 sm:grid-cols-3">
        <Amount label="Workspaces" name="workspaces" value={set.workspaces} />
        <Amount label="Awake at once" name="awake" value={set.awake} />
        <Amount label="Cores" name="cores" value={set.cores} step="any" />
        <Amount label="Memory, MiB" name="memory" value={set.memoryMegabytes} />
        <Amount label="Storage, MiB" name="storage" value={set.storageMegabytes} />
      </div>
      <p className="text-xs text-muted-foreground">
        Empty: as many workspaces, and awake, as one person may have; no bound of the others.
      </p>
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Set the limits
      </Button>
    </form>
  );
}
