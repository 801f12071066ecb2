import { Fingerprint } from "lucide-react";
import { useEffect, useState } from "react";
import { messageOf } from "@/api/request";
import { Command, FullPage, Unreachable } from "@/app/FullPage";
import { Link } from "@/app/Link";
import { Button, buttonVariants } from "@/components/ui/button";
import { accounts, type Ways } from "./accounts";
import { Fault, Field, typed } from "./Field";
import { useAction } from "./useAction";
import { hasPasskeys } from "./webauthn";

/** What someone who is not signed in sees, whichever page they asked for. */
export default function SignIn({ onDone }: { onDone: () => void }) {
  const { ways, fault, retry } = useWays();
  if (fault !== null) return <Unreachable message={fault} onRetry={retry} />;
  if (ways === null) return null;
  return ways.accounts ? <WithAccount ways={ways} onDone={onDone} /> : <WithLink onRetry={onDone} />;
}

export function useWays() {
  const [ways, setWays] = useState<Ways | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    accounts.ways().then(setWays, (error: unknown) => setFault(messageOf(error)));
  }, [attempt]);
  const retry = () => {
    setFault(null);
    setAttempt((count) => count + 1);
  };
  return { ways, fault, retry };
}

function WithAccount({ ways, onDone }: { ways: Ways; onDone: () => void }) {
  const { busy, fault, run } = useAction();
  const signIn = (form: FormData) =>
    run(async () => {
      await accounts.signIn(typed(form, "username"), typed(form, "password"));
      onDone();
    });
  const byPasskey = () =>
    run(async () => {
      await accounts.signInByPasskey();
      onDone();
    });
  return (
    <FullPage title="Sign in">
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          signIn(new FormData(event.currentTarget));
        }}
      >
        <Field label="User name" name="username" autoComplete="username" autoCapitalize="none" required autoFocus />
        <Field label="Password" name="password" type="password" autoComplete="current-password" required />
        <Fault message={fault} />
        <Button type="submit" variant="primary" disabled={busy}>
          Sign in
        </Button>
      </form>
      {hasPasskeys() && (
        <Button onClick={byPasskey} disabled={busy}>
          <Fingerprint />
          Sign in with a passkey
        </Button>
      )}
      <Providers ways={ways} query={{ to: location.pathname + location.search }} />
      {ways.signUp === "open" && (
        <p className="text-ui text-muted-foreground">
          New here?{" "}
          <Link href="/signup" className={buttonVariants({ variant: "link", className: "h-auto px-0" })}>
            Make an account
          </Link>
        </p>
      )}
    </FullPage>
  );
}

export function Providers({ ways, query }: { ways: Ways; query: Record<string, string> }) {
  return ways.providers.map((provider) => (
    <a key={provider.id} href={accounts.providerAddress(provider.id, query)} className={buttonVariants()}>
      Continue with {provider.name}
    </a>
  ));
}

function WithLink({ onRetry }: { onRetry: () => void }) {
  return (
    <FullPage title="Sign in with a link">
      <p className="text-muted-foreground">
        drop.it has no password. On the machine where it runs, ask for a link and open it in this browser. A link works
        once.
      </p>
      <Command text="./dropit signin" />
      <div className="flex items-center justify-between gap-3">
        <p className="text-xs text-muted-foreground">
          <code>./dropit up</code> prints one too when it starts.
        </p>
        <Button onClick={onRetry}>I have signed in</Button>
      </div>
    </FullPage>
  );
}
