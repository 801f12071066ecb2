import { signedOut } from "@/documents/account";
import { toast } from "sonner";
import type { Session } from "@/api/api";
import { useLoaded } from "@/api/useLoaded";
import { messageOf } from "@/api/request";
import { Unreachable } from "@/app/FullPage";
import { Button, buttonVariants } from "@/components/ui/button";
import { accounts, type Account as AccountInfo, type Browser } from "./accounts";
import { browserName } from "./browserName";
import { Fault, Field, typed } from "./Field";
import { day, moment, Page, Row, Section } from "./Page";
import { useWays } from "./SignIn";
import { Tokens } from "./Tokens";
import { useAction } from "./useAction";
import { hasPasskeys } from "./webauthn";

export default function Account({ session }: { session: Session | null }) {
  if (session === null) return null;
  if (session.accounts) return <OwnAccount session={session} />;
  return (
    <Page session={session} title="For programs">
      <Tokens session={session} />
    </Page>
  );
}

function OwnAccount({ session }: { session: Session }) {
  const { value, error, reload } = useLoaded(accounts.account, "/api/account");
  if (error !== null) return <Unreachable message={error} onRetry={reload} />;
  if (value === null) return null;
  return (
    <Page session={session} title="Your account">
      <Profile account={value} onChanged={reload} />
      <Password account={value} onChanged={reload} />
      <Passkeys account={value} onChanged={reload} />
      <Connections account={value} onChanged={reload} />
      <Browsers />
      <Tokens session={session} />
    </Page>
  );
}

type PartProps = { account: AccountInfo; onChanged: () => void };

function Profile({ account, onChanged }: PartProps) {
  const { busy, fault, run } = useAction();
  const save = (form: FormData) =>
    run(async () => {
      const text = (name: string) => typed(form, name);
      await accounts.change({ userName: text("username"), name: text("name"), email: text("email") });
      toast.success("Saved");
      onChanged();
    });
  return (
    <Section title="Profile">
      <form
        className="grid max-w-sm gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save(new FormData(event.currentTarget));
        }}
      >
        <Field
          label="User name"
          name="username"
          hint="You sign in with it, and others find you by it."
          defaultValue={account.userName ?? ""}
          autoComplete="username"
          autoCapitalize="none"
          required
        />
        <Field label="Name" name="name" hint="Shown where you work." defaultValue={account.name} required />
        <Field label="E-mail, if you like" name="email" type="email" defaultValue={account.email ?? ""} />
        <Fault message={fault} />
        <Button type="submit" variant="primary" className="justify-self-start" disabled={busy}>
          Save
        </Button>
      </form>
    </Section>
  );
}

function Password({ account, onChanged }: PartProps) {
  const { busy, fault, run } = useAction();
  const save = (form: HTMLFormElement) =>
    run(async () => {
      const said = new FormData(form);
      await accounts.setPassword(typed(said, "current"), typed(said, "new"));
      toast.success("The password is set. Other browsers were signed out.");
      form.reset();
      onChanged();
    });
  return (
    <Section title="Password">
      <form
        className="grid max-w-sm gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          save(event.currentTarget);
        }}
      >
        {account.password && (
          <Field label="Present password" name="current" type="password" autoComplete="current-password" required />
        )}
        <Field
          label="New password"
          name="new"
          type="password"
          hint="At least 10 characters."
          autoComplete="new-password"
          minLength={10}
          required
        />
        <Fault message={fault} />
        <Button type="submit" className="justify-self-start" disabled={busy}>
          {account.password ? "Change the password" : "Set a password"}
        </Button>
      </form>
    </Section>
  );
}

function Passkeys({ account, onChanged }: PartProps) {
  const { busy, fault, run } = useAction();
  const add = () =>
    run(async () => {
      await accounts.addPasskey(browserName(navigator.userAgent));
      onChanged();
    });
  const remove = (id: string) =>
    run(async () => {
      await accounts.removePasskey(id);
      onChanged();
    });
  return (
    <Section title="Passkeys">
      <p className="text-muted-foreground">
        A passkey signs you in by fingerprint, face or PIN of a device. Nobody can guess it, and no other site can ask
        for it.
      </p>
      <ul>
        {account.passkeys.map((passkey) => (
          <Row
            key={passkey.id}
            action={
              <Button size="sm" disabled={busy} onClick={() => remove(passkey.id)}>
                Remove
              </Button>
            }
          >
            {passkey.name}
            <span className="block text-xs text-muted-foreground">added {day(passkey.createdAt)}</span>
          </Row>
        ))}
      </ul>
      <Fault message={fault} />
      {hasPasskeys() ? (
        <Button className="justify-self-start" disabled={busy} onClick={add}>
          Add a passkey
        </Button>
      ) : (
        <p className="text-xs text-muted-foreground">This browser keeps passkeys for pages over https only.</p>
      )}
    </Section>
  );
}

function Connections({ account, onChanged }: PartProps) {
  const { ways } = useWays();
  const { busy, fault, run } = useAction();
  if (!ways || ways.providers.length === 0) return null;
  const disconnect = (id: string) =>
    run(async () => {
      await accounts.disconnect(id);
      onChanged();
    });
  return (
    <Section title="Connected accounts">
      <ul>
        {ways.providers.map((provider) => (
          <Row
            key={provider.id}
            action={
              account.logins.includes(provider.id) ? (
                <Button size="sm" disabled={busy} onClick={() => disconnect(provider.id)}>
                  Disconnect
                </Button>
              ) : (
                <a
                  href={accounts.providerAddress(provider.id, { to: "/account", connect: "yes" })}
                  className={buttonVariants({ size: "sm" })}
                >
                  Connect
                </a>
              )
            }
          >
            {provider.name}
          </Row>
        ))}
      </ul>
      <Fault message={fault} />
    </Section>
  );
}

const methods: Record<string, string> = { link: "a link", password: "password", passkey: "passkey" };

function Browsers() {
  const { value, error, reload } = useLoaded(accounts.browsers, "/api/account/sessions");
  const end = (browser: Browser) =>
    accounts.signOutBrowser(browser.id).then(reload, (fault: unknown) => toast.error(messageOf(fault)));
  const endAll = () =>
    accounts.signOutEverywhere().then(
      () => void signedOut().then(() => location.assign("/")),
      (fault: unknown) => toast.error(messageOf(fault)),
    );
  return (
    <Section title="Signed-in browsers">
      <Fault message={error} />
      <ul>
        {value?.map((browser) => (
          <Row
            key={browser.id}
            action={
              browser.current ? (
                <span className="text-xs text-muted-foreground">this browser</span>
              ) : (
                <Button size="sm" onClick={() => void end(browser)}>
                  Sign out
                </Button>
              )
            }
          >
            {browserName(browser.agent)}
            <span className="block text-xs text-muted-foreground">
              {browser.address || "unknown address"}, by {methods[browser.method] ?? browser.method}, last used{" "}
              {moment(browser.usedAt)}
            </span>
          </Row>
        ))}
      </ul>
      <Button variant="destructive" className="justify-self-start" onClick={() => void endAll()}>
        Sign out everywhere
      </Button>
    </Section>
  );
}
