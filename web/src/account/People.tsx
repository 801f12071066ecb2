import { useState } from "react";
import { toast } from "sonner";
import type { Session } from "@/api/api";
import { messageOf } from "@/api/request";
import { AdminLinks } from "@/admin/AdminLinks";
import { useLoaded } from "@/api/useLoaded";
import { Command, NotFound, Unreachable } from "@/app/FullPage";
import { Button } from "@/components/ui/button";
import { accounts, type User } from "./accounts";
import { Amount, amountOf, Fault, Field, typed } from "./Field";
import { count, day, Page, Row, Section } from "./Page";
import { useWays } from "./SignIn";
import { useAction } from "./useAction";

/** Everyone's accounts, for admins. */
export default function People({ session }: { session: Session | null }) {
  if (session === null) return null;
  return session.accounts && session.user.admin ? <Everyone session={session} /> : <NotFound />;
}

function Everyone({ session }: { session: Session }) {
  const { value, error, reload } = useLoaded(accounts.users, "/api/admin/users");
  const { ways } = useWays();
  const [limits, setLimits] = useState<number | null>(null);
  const [address, setAddress] = useState<{ of: string; text: string } | null>(null);
  if (error !== null) return <Unreachable message={error} onRetry={reload} />;
  const act = (action: Promise<unknown>) => void action.then(reload, (fault: unknown) => toast.error(messageOf(fault)));
  return (
    <Page session={session} title="People" links={<AdminLinks accounts />}>
      {address && (
        <Section title={`An address for ${address.of}`}>
          <p className="text-muted-foreground">
            It signs one browser in, once, within a day. Send it by a way that only they read.
          </p>
          <Command text={address.text} command={false} />
        </Section>
      )}
      <Section title="Accounts">
        <ul>
          {value?.map((user) => (
            <Row
              key={user.id}
              action={
                <>
                  <Button
                    size="sm"
                    aria-label={`Limits of ${user.name}`}
                    aria-expanded={limits === user.id}
                    onClick={() => setLimits(limits === user.id ? null : user.id)}
                  >
                    Limits
                  </Button>
                  {user.id !== session.user.id && <Actions user={user} act={act} onAddress={setAddress} />}
                </>
              }
              below={
                limits === user.id && (
                  <Limits
                    user={user}
                    onSet={() => {
                      setLimits(null);
                      reload();
                    }}
                  />
                )
              }
            >
              {user.name} {user.admin && <em className="text-xs text-muted-foreground not-italic">admin</em>}{" "}
              {user.disabled && <em className="text-xs text-destructive not-italic">disabled</em>}
              <span className="block text-xs text-muted-foreground">
                {user.userName ?? "no user name yet"}, {count(user.workspaces, "workspace")}
                {most(user.maxWorkspaces)}, {user.awake} awake{most(user.maxAwake)}, signed in in{" "}
                {count(user.browsers, "browser")}
              </span>
            </Row>
          ))}
        </ul>
        <NewAccount
          onMade={(of, text) => {
            setAddress({ of, text });
            reload();
          }}
        />
      </Section>
      {ways && ways.signUp !== "closed" && <Invitations />}
    </Page>
  );
}

const most = (number?: number | null) => (typeof number === "number" ? ` of at most ${number}` : "");

/** How many workspaces someone may have; an empty field is what the server says for everyone. */
function Limits({ user, onSet }: { user: User; onSet: () => void }) {
  const { busy, fault, run } = useAction();
  const set = (form: FormData) =>
    run(async () => {
      await accounts.setQuota(user.id, { workspaces: amountOf(form, "workspaces"), awake: amountOf(form, "awake") });
      onSet();
    });
  return (
    <form
      className="grid max-w-sm gap-3 pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        set(new FormData(event.currentTarget));
      }}
    >
      <div className="grid grid-cols-2 gap-3">
        <Amount label="Workspaces" name="workspaces" max={1000} value={user.maxWorkspaces} />
        <Amount label="Awake at once" name="awake" max={1000} value={user.maxAwake} />
      </div>
      <p className="text-xs text-muted-foreground">Empty: as many as everyone.</p>
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Set the limits
      </Button>
    </form>
  );
}

type ActionsProps = {
  user: User;
  act: (action: Promise<unknown>) => void;
  onAddress: (address: { of: string; text: string }) => void;
};

function Actions({ user, act, onAddress }: ActionsProps) {
  return (
    <>
      {!user.disabled && (
        <Button
          size="sm"
          aria-label={`Sign-in address for ${user.name}`}
          onClick={() =>
            act(accounts.signInAddress(user.id).then(({ address }) => onAddress({ of: user.name, text: address })))
          }
        >
          Sign-in address
        </Button>
      )}
      <Button
        size="sm"
        aria-label={`${user.admin ? "No longer an admin" : "Make an admin"}: ${user.name}`}
        onClick={() => act(accounts.changeUser(user.id, { admin: !user.admin }))}
      >
        {user.admin ? "No longer an admin" : "Make an admin"}
      </Button>
      <Button
        size="sm"
        aria-label={`${user.disabled ? "Enable" : "Disable"} ${user.name}`}
        onClick={() => act(accounts.changeUser(user.id, { disabled: !user.disabled }))}
      >
        {user.disabled ? "Enable" : "Disable"}
      </Button>
    </>
  );
}

function NewAccount({ onMade }: { onMade: (of: string, address: string) => void }) {
  const { busy, fault, run } = useAction();
  const add = (form: HTMLFormElement) =>
    run(async () => {
      const userName = typed(new FormData(form), "username");
      const { address } = await accounts.addUser(userName);
      form.reset();
      onMade(userName, address);
    });
  return (
    <form
      className="grid max-w-sm gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        add(event.currentTarget);
      }}
    >
      <Field label="User name of a new account" name="username" autoCapitalize="none" maxLength={39} required />
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Make the account
      </Button>
    </form>
  );
}

function Invitations() {
  const { value, error, reload } = useLoaded(accounts.invitations, "/api/admin/invitations");
  const [made, setMade] = useState<string | null>(null);
  const { busy, fault, run } = useAction();
  const invite = (form: HTMLFormElement) =>
    run(async () => {
      const { address } = await accounts.invite(typed(new FormData(form), "note"));
      form.reset();
      setMade(address ?? null);
      reload();
    });
  const take = (id: string) =>
    run(async () => {
      await accounts.uninvite(id);
      reload();
    });
  return (
    <Section title="Invitations">
      <Fault message={error} />
      <ul>
        {value?.map((invitation) => (
          <Row
            key={invitation.id}
            action={
              <Button size="sm" disabled={busy} onClick={() => take(invitation.id)}>
                Take back
              </Button>
            }
          >
            {invitation.note || "For anyone"}
            <span className="block text-xs text-muted-foreground">good until {day(invitation.expiresAt)}</span>
          </Row>
        ))}
      </ul>
      {made && <Command text={made} command={false} />}
      <form
        className="grid max-w-sm gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          invite(event.currentTarget);
        }}
      >
        <Field label="For whom" name="note" hint="Only admins see it." maxLength={100} />
        <Fault message={fault} />
        <Button type="submit" className="justify-self-start" disabled={busy}>
          Invite someone
        </Button>
      </form>
    </Section>
  );
}
