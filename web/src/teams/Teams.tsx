import { Fault, Field, typed } from "@/account/Field";
import { count, Page, Row, Section } from "@/account/Page";
import { useAction } from "@/account/useAction";
import type { Session } from "@/api/api";
import { useLoaded } from "@/api/useLoaded";
import { NotFound, Unreachable } from "@/app/FullPage";
import { Link } from "@/app/Link";
import { navigate } from "@/app/router";
import { Button } from "@/components/ui/button";
import { teams } from "./teams";

/** The teams one is in. */
export default function Teams({ session }: { session: Session | null }) {
  if (session === null) return null;
  return session.accounts ? <Mine session={session} /> : <NotFound />;
}

function Mine({ session }: { session: Session }) {
  const { value, error, reload } = useLoaded(teams.list, "/api/teams");
  if (error !== null && value === null) return <Unreachable message={error} onRetry={reload} />;
  return (
    <Page session={session} title="Teams">
      <Section title="Your teams">
        <Fault message={error} />
        <p className="text-muted-foreground">
          {value?.length === 0
            ? "You are in none. A team has workspaces that all of its members edit."
            : "Members edit all workspaces of their team."}
        </p>
        <ul>
          {value?.map(({ id, name, role, members, workspaces }) => (
            <Row key={id}>
              <Link href={`/teams/${id}`} className="rounded font-medium underline-offset-4 hover:underline">
                {name}
              </Link>
              <span className="block text-xs text-muted-foreground">
                you are {role === "admin" ? "an admin" : "a member"}, {count(members, "member")},{" "}
                {count(workspaces, "workspace")}
              </span>
            </Row>
          ))}
        </ul>
        {session.makesTeams ? (
          <NewTeam />
        ) : (
          <p className="text-xs text-muted-foreground">Admins of this server make teams. Ask one of them.</p>
        )}
      </Section>
    </Page>
  );
}

function NewTeam() {
  const { busy, fault, run } = useAction();
  return (
    <form
      className="grid max-w-sm gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        const name = typed(new FormData(event.currentTarget), "name");
        run(async () => {
          const { id } = await teams.make(name);
          navigate(`/teams/${id}`);
        });
      }}
    >
      <Field label="Name of a new team" name="name" maxLength={60} required />
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Make the team
      </Button>
    </form>
  );
}
