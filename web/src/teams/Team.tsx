import { useState } from "react";
import { Choice, Fault, Field, typed } from "@/account/Field";
import { day, Page, Row, Section } from "@/account/Page";
import { useAction } from "@/account/useAction";
import { api, type Session, type WorkspaceInfo } from "@/api/api";
import { ApiError } from "@/api/request";
import { useLoaded } from "@/api/useLoaded";
import { NotFound, Unreachable } from "@/app/FullPage";
import { Link } from "@/app/Link";
import { navigate } from "@/app/router";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { Button } from "@/components/ui/button";
import { AddPerson, RoleChoice } from "@/sharing/AddPerson";
import { bytesOf } from "@/workspace/machine/amounts";
import { QuotaUse } from "./QuotaUse";
import TemplateDialog from "./TemplateDialog";
import { teams, type Team as TeamOf, teamRoles, type TeamMember, type Template } from "./teams";

/** Who is in a team, what it may have, and what its workspaces start with. */
export default function Team({ session, id }: { session: Session | null; id: number }) {
  if (session === null) return null;
  return session.accounts ? <Looked key={id} id={id} session={session} /> : <NotFound />;
}

function Looked({ id, session }: { id: number; session: Session }) {
  const [ask] = useState(() => () => askFor(id));
  const { value: team, error, reload } = useLoaded(ask, `/api/teams/${id}`);
  if (team === null) return error === null ? null : <Unreachable message={error} onRetry={reload} />;
  if (team === "none") return <NotFound />;
  const admin = team.role === "admin";
  return (
    <Page
      session={session}
      title={team.name}
      links={
        <Link href="/teams" className="justify-self-start rounded text-ui text-muted-foreground hover:text-foreground">
          Teams
        </Link>
      }
    >
      <Fault message={error} />
      <Members team={team} self={session.user.id} onChanged={reload} />
      <Section title="What it may have">
        <QuotaUse quota={team.quota} />
        <p className="text-xs text-muted-foreground">
          Admins of this server set it. Storage is looked at when something is made in the team or moved into it;
          nothing that is there is lost when it is too much.
        </p>
      </Section>
      <Templates team={team} onChanged={reload} />
      {admin && <Name team={team} onChanged={reload} />}
    </Page>
  );
}

/** `none`: there is no such team, or one is not in it. */
function askFor(id: number): Promise<TeamOf | "none"> {
  return teams.team(id).catch((fault: unknown) => {
    if (fault instanceof ApiError && fault.status === 404) return "none" as const;
    throw fault;
  });
}

type PartProps = { team: TeamOf; onChanged: () => void };

function Members({ team: { id, members, role }, self, onChanged }: PartProps & { self: number }) {
  const { busy, fault, run } = useAction();
  const [ending, setEnding] = useState<TeamMember | null>(null);
  const admin = role === "admin";
  const act = (action: Promise<unknown>) => run(() => action.then(onChanged));
  return (
    <Section title="Members">
      <p className="text-muted-foreground">Members edit the team’s workspaces; admins own them and say who is here.</p>
      <ul>
        {members.map((member) => (
          <Row
            key={member.id}
            action={
              admin ? (
                <>
                  <RoleChoice
                    label={`Role of ${member.name}`}
                    roles={teamRoles}
                    value={member.role}
                    onChange={(next) => act(teams.setRole(id, member.id, next))}
                  />
                  <Button disabled={busy} onClick={() => setEnding(member)}>
                    {member.id === self ? "Leave" : "Remove"}
                    <span className="sr-only"> {member.id === self ? "the team" : member.name}</span>
                  </Button>
                </>
              ) : (
                member.id === self && (
                  <Button size="sm" disabled={busy} onClick={() => setEnding(member)}>
                    Leave<span className="sr-only"> the team</span>
                  </Button>
                )
              )
            }
          >
            <span className="break-words">{member.name}</span>
            <span className="block text-xs break-words text-muted-foreground">
              {member.userName ?? "no user name yet"}
              {!admin && `, ${member.role}`}
            </span>
          </Row>
        ))}
      </ul>
      <Fault message={fault} />
      {admin && (
        <AddPerson
          roles={teamRoles}
          first="member"
          busy={busy}
          onAdd={(userName, next, added) => act(teams.addMember(id, userName, next).then(added))}
        />
      )}
      {ending && (
        <ConfirmDialog
          title={ending.id === self ? "Leave the team?" : `Remove ${ending.name}?`}
          description={`${ending.id === self ? "You lose" : "They lose"} all of the team's workspaces at once, also those that ${ending.id === self ? "you" : "they"} made. What is in them stays with the team.`}
          action={ending.id === self ? "Leave" : "Remove"}
          onConfirm={() =>
            ending.id === self
              ? run(() => teams.leave(id).then(() => navigate("/teams")))
              : act(teams.removeMember(id, ending.id))
          }
          onClose={() => setEnding(null)}
        />
      )}
    </Section>
  );
}

function Templates({ team, onChanged }: PartProps) {
  const [editing, setEditing] = useState<string | null>(null);
  const [removing, setRemoving] = useState<Template | null>(null);
  const { busy, fault, run } = useAction();
  return (
    <Section title="Templates">
      <p className="text-muted-foreground">
        {team.templates.length === 0 && "None yet. "}
        New workspaces of the team can start with one. Admins make it of a workspace that the team has.
      </p>
      <ul>
        {team.templates.map((template) => (
          <Row
            key={template.id}
            action={
              team.role === "admin" && (
                <>
                  <Button
                    size="sm"
                    aria-label={`Change ${template.name}`}
                    aria-expanded={editing === template.id}
                    onClick={() => setEditing(editing === template.id ? null : template.id)}
                  >
                    Change
                  </Button>
                  <Button
                    size="sm"
                    aria-label={`Remove ${template.name}`}
                    disabled={busy}
                    onClick={() => setRemoving(template)}
                  >
                    Remove
                  </Button>
                </>
              )
            }
            below={
              editing === template.id && (
                <Words
                  template={template}
                  team={team.id}
                  onChanged={() => {
                    setEditing(null);
                    onChanged();
                  }}
                />
              )
            }
          >
            <span className="break-words">{template.name}</span>
            {template.description && <span className="block text-xs break-words">{template.description}</span>}
            <span className="block text-xs break-words text-muted-foreground">
              {template.stack}, {bytesOf(template.bytes)}, made {day(template.createdAt)}
            </span>
          </Row>
        ))}
      </ul>
      <Fault message={fault} />
      {team.role === "admin" && <NewTemplate team={team} onMade={onChanged} />}
      {removing && (
        <ConfirmDialog
          title={`Remove ${removing.name}?`}
          description="Nobody can start with it any more. Workspaces that did keep what they have."
          action="Remove template"
          onConfirm={() => run(() => teams.removeTemplate(team.id, removing.id).then(onChanged))}
          onClose={() => setRemoving(null)}
        />
      )}
    </Section>
  );
}

function NewTemplate({ team, onMade }: { team: TeamOf; onMade: () => void }) {
  const { value, error } = useLoaded(api.workspaces, "/api/workspaces");
  const [source, setSource] = useState<WorkspaceInfo | null>(null);
  const all = value?.filter((one) => one.team?.id === team.id) ?? [];
  if (error !== null) return <Fault message={error} />;
  if (all.length === 0) return null;
  return (
    <>
      <form
        className="flex max-w-md flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const slug = typed(new FormData(event.currentTarget), "workspace");
          setSource(all.find((one) => one.slug === slug) ?? null);
        }}
      >
        <div className="min-w-0 flex-1 basis-48">
          <Choice label="Workspace of the team" name="workspace">
            {all.map(({ slug, name }) => (
              <option key={slug} value={slug}>
                {name} ({slug})
              </option>
            ))}
          </Choice>
        </div>
        <Button type="submit">Use as a template</Button>
      </form>
      {source && (
        <TemplateDialog
          workspace={source}
          team={team}
          onClose={() => {
            setSource(null);
            onMade();
          }}
        />
      )}
    </>
  );
}

function Words({ template, team, onChanged }: { template: Template; team: number; onChanged: () => void }) {
  const { busy, fault, run } = useAction();
  return (
    <form
      className="grid max-w-sm gap-3 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const change = { name: typed(form, "name"), description: typed(form, "description") };
        run(() => teams.changeTemplate(team, template.id, change).then(onChanged));
      }}
    >
      <Field label="Name" name="name" defaultValue={template.name} maxLength={60} required />
      <Field label="What it is good for" name="description" defaultValue={template.description} maxLength={200} />
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Save
      </Button>
    </form>
  );
}

function Name({ team, onChanged }: PartProps) {
  const { busy, fault, run } = useAction();
  const [deleting, setDeleting] = useState(false);
  return (
    <Section title="The team itself">
      <form
        className="flex max-w-md items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const name = typed(new FormData(event.currentTarget), "name");
          run(() => teams.rename(team.id, name).then(onChanged));
        }}
      >
        <div className="min-w-0 flex-1">
          <Field label="Name of the team" name="name" defaultValue={team.name} maxLength={60} required />
        </div>
        <Button type="submit" disabled={busy}>
          Rename
        </Button>
      </form>
      <Fault message={fault} />
      <Button variant="destructive" className="justify-self-start" disabled={busy} onClick={() => setDeleting(true)}>
        Delete the team
      </Button>
      {deleting && (
        <ConfirmDialog
          title={`Delete ${team.name}?`}
          description="Only a team without workspaces and templates can be deleted: delete or move those first."
          action="Delete the team"
          onConfirm={() => run(() => teams.remove(team.id).then(() => navigate("/teams")))}
          onClose={() => setDeleting(false)}
        />
      )}
    </Section>
  );
}
