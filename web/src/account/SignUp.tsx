import { FullPage, NotFound, Unreachable } from "@/app/FullPage";
import { Link } from "@/app/Link";
import { navigate } from "@/app/router";
import { Button, buttonVariants } from "@/components/ui/button";
import { accounts } from "./accounts";
import { Fault, Field, typed } from "./Field";
import { Providers, useWays } from "./SignIn";
import { useAction } from "./useAction";

export default function SignUp({ onDone }: { onDone: () => void }) {
  const { ways, fault: unreachable, retry } = useWays();
  const { busy, fault, run } = useAction();
  const invitation = new URLSearchParams(location.search).get("invitation");
  if (unreachable !== null) return <Unreachable message={unreachable} onRetry={retry} />;
  if (ways === null) return null;
  if (!ways.accounts) return <NotFound />;
  if (ways.signUp === "closed" || (ways.signUp === "invitation" && invitation === null))
    return (
      <FullPage title="By invitation only">
        <p className="text-muted-foreground">
          {ways.signUp === "closed"
            ? "Nobody can sign up here by themselves. Ask an admin of this server for an account."
            : "Signing up here takes an invitation. Ask an admin of this server for one, and open its address."}
        </p>
        <Link href="/" className={buttonVariants({ className: "justify-self-start" })}>
          Sign in instead
        </Link>
      </FullPage>
    );
  const signUp = (form: FormData) =>
    run(async () => {
      const text = (name: string) => typed(form, name);
      await accounts.signUp({
        userName: text("username"),
        password: text("password"),
        email: text("email"),
        invitation,
      });
      navigate("/", { replace: true });
      onDone();
    });
  return (
    <FullPage title="Make an account">
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          signUp(new FormData(event.currentTarget));
        }}
      >
        <Field
          label="User name"
          name="username"
          hint="Others find you by it: a to z, digits, and - _ . between them."
          autoComplete="username"
          autoCapitalize="none"
          maxLength={39}
          required
          autoFocus
        />
        <Field
          label="Password"
          name="password"
          type="password"
          hint="At least 10 characters; longer is better than stranger."
          autoComplete="new-password"
          minLength={10}
          required
        />
        <Field label="E-mail, if you like" name="email" type="email" autoComplete="email" />
        <Fault message={fault} />
        <Button type="submit" variant="primary" disabled={busy}>
          Make the account
        </Button>
      </form>
      <Providers ways={ways} query={{ to: "/", ...(invitation === null ? {} : { invitation }) }} />
    </FullPage>
  );
}
