import { Check, Copy } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Wordmark } from "@/components/Brand";
import { Button, buttonVariants } from "@/components/ui/button";
import { Link } from "./Link";

/** One message in the middle of the window. */
export function FullPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-full flex-col items-center justify-center gap-8 p-6">
      <Wordmark className="text-lg" />
      <section className="grid w-full max-w-md gap-4 rounded-xl border bg-card p-6 shadow-raised">
        <h1 className="text-base font-semibold">{title}</h1>
        {children}
      </section>
    </main>
  );
}

export function SignedOut({ onRetry }: { onRetry: () => void }) {
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

function Command({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="flex items-center gap-2 rounded-lg border bg-muted py-1.5 pr-1.5 pl-3 font-mono text-ui">
      <span aria-hidden className="text-muted-foreground select-none">
        $
      </span>
      <code className="flex-1">{text}</code>
      <Button variant="ghost" size="icon" aria-label={copied ? "Copied" : "Copy the command"} onClick={copy}>
        {copied ? <Check className="text-success" /> : <Copy />}
      </Button>
    </div>
  );
}

export function Unreachable({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <FullPage title="The server does not answer">
      <p className="text-muted-foreground">{message}</p>
      <Button variant="primary" className="justify-self-start" onClick={onRetry}>
        Try again
      </Button>
    </FullPage>
  );
}

export function NotFound() {
  return (
    <FullPage title="There is nothing here">
      <p className="text-muted-foreground">
        The address names no page and no workspace of yours. It may be mistyped, or the workspace was deleted.
      </p>
      <Link href="/" className={buttonVariants({ variant: "primary", className: "justify-self-start" })}>
        To my workspaces
      </Link>
    </FullPage>
  );
}
