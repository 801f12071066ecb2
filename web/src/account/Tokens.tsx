import { useState } from "react";
import type { Session } from "@/api/api";
import { useLoaded } from "@/api/useLoaded";
import { Command } from "@/app/FullPage";
import { Button } from "@/components/ui/button";
import { accounts } from "./accounts";
import { Choice, Fault, Field, typed } from "./Field";
import { day, Row, Section } from "./Page";
import { useAction } from "./useAction";

const may = { read: "may read", write: "may change workspaces", admin: "may do what admins do" };

/** What programs act with in one's name. */
export function Tokens({ session }: { session: Session }) {
  const { value, error, reload } = useLoaded(accounts.tokens, "/api/account/tokens");
  const [made, setMade] = useState<string | null>(null);
  const { busy, fault, run } = useAction();
  const revoke = (id: string) =>
    run(async () => {
      await accounts.revokeToken(id);
      reload();
    });
  return (
    <Section title="API tokens">
      <p className="text-muted-foreground">
        A program sends one as <code>Authorization: Bearer</code> and acts in your name, as far as the token allows. The
        API is described at{" "}
        <a href="/api/openapi.json" className="text-primary underline underline-offset-4">
          /api/openapi.json
        </a>
        .
      </p>
      <Fault message={error} />
      <ul>
        {value?.map((token) => (
          <Row
            key={token.id}
            action={
              <Button size="sm" aria-label={`Revoke ${token.name}`} disabled={busy} onClick={() => revoke(token.id)}>
                Revoke
              </Button>
            }
          >
            <span className="break-words">{token.name}</span>
            <span className="block text-xs text-muted-foreground">
              {may[token.scope]}, {new Date(token.expiresAt) > new Date() ? "good until" : "ended"}{" "}
              {day(token.expiresAt)}, {token.usedAt ? `last used ${day(token.usedAt)}` : "never used"}
            </span>
          </Row>
        ))}
      </ul>
      <Fault message={fault} />
      {made && (
        <div className="grid gap-2" role="status">
          <p className="font-medium">Copy the token now: it is not shown again.</p>
          <Command text={made} command={false} />
        </div>
      )}
      <NewToken
        admin={session.user.admin}
        onMade={(text) => {
          setMade(text);
          reload();
        }}
      />
    </Section>
  );
}

function NewToken({ admin, onMade }: { admin: boolean; onMade: (text: string) => void }) {
  const { busy, fault, run } = useAction();
  const make = (form: HTMLFormElement) =>
    run(async () => {
      const said = new FormData(form);
      const made = await accounts.addToken(typed(said, "token"), typed(said, "scope"), Number(typed(said, "days")));
      form.reset();
      onMade(made.text ?? "");
    });
  return (
    <form
      className="grid max-w-sm gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        make(event.currentTarget);
      }}
    >
      <Field label="What a new token is for" name="token" maxLength={100} required />
      <div className="grid grid-cols-2 gap-3">
        <Choice label="It may" name="scope">
          <option value="read">read</option>
          <option value="write">change workspaces</option>
          {admin && <option value="admin">do what admins do</option>}
        </Choice>
        <Choice label="It ends after" name="days" defaultValue="90">
          <option value="7">a week</option>
          <option value="30">30 days</option>
          <option value="90">90 days</option>
          <option value="366">a year</option>
        </Choice>
      </div>
      <Fault message={fault} />
      <Button type="submit" className="justify-self-start" disabled={busy}>
        Make the token
      </Button>
    </form>
  );
}
