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

/** Something to copy; `command`: it is typed into a shell. */
export function Command({ text, command = true }: { text: string; command?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div className="flex items-center gap-2 rounded-lg border bg-muted py-1.5 pr-1.5 pl-3 font-mono text-ui">
      {command && (
        <span aria-hidden className="text-muted-foreground select-none">
          $
        </span>
      )}
      <code className="min-w-0 flex-1 break-all">{text}</code>
      <Button
        variant="ghost"
        size="icon"
        aria-label={copied ? "Copied" : `Copy the ${command ? "command" : "address"}`}
        onClick={copy}
      >
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
        The address names no page, no workspace and no team of yours. It may be mistyped, or what it named was deleted.
      </p>
      <Link href="/" className={buttonVariants({ variant: "primary", className: "justify-self-start" })}>
        To my workspaces
      </Link>
    </FullPage>
  );
}
