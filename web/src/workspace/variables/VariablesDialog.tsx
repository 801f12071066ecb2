import { useRef, useState } from "react";
import { Fault, Field } from "@/account/Field";
import { Row } from "@/account/Page";
import { useAction } from "@/account/useAction";
import { useLoaded } from "@/api/useLoaded";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import { variables, type Variable } from "./variables";

type VariablesDialogProps = { session: WorkspaceSession; onClose: () => void };

/** What programs of the workspace are started with, for those who may change it. */
export default function VariablesDialog({ session, onClose }: VariablesDialogProps) {
  const { slug } = session;
  const [ask] = useState(() => () => variables.list(slug));
  const { value, error, reload } = useLoaded(ask, `variables of ${slug}`);
  const { busy, fault, run } = useAction();
  const [changed, setChanged] = useState<number | null>(null);
  const [form, setForm] = useState<Form>(empty);
  const field = useRef<HTMLTextAreaElement>(null);
  const change = (doing: Promise<{ version: number }>) =>
    run(async () => {
      const { version } = await doing;
      setChanged(version);
      setForm(empty);
      reload();
    });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title="Environment variables"
        description="Programs that are started here get them: in new terminals, and when you run. Terminals and programs that are open keep what they had."
        className="top-[8vh] max-h-[84vh] w-[min(36rem,calc(100vw-1.5rem))]"
      >
        <Fault message={error} />
        <ul aria-label="Variables">
          {value?.variables.map((variable) => (
            <Row
              key={variable.name}
              action={
                <>
                  <Button
                    size="sm"
                    aria-label={`${wordFor(variable)} ${variable.name}`}
                    disabled={busy}
                    onClick={() => {
                      setForm({ name: variable.name, value: variable.value ?? "", secret: variable.secret });
                      field.current?.focus();
                    }}
                  >
                    {wordFor(variable)}
                  </Button>
                  <Button
                    size="sm"
                    aria-label={`Remove ${variable.name}`}
                    disabled={busy}
                    onClick={() => change(variables.remove(slug, variable.name))}
                  >
                    Remove
                  </Button>
                </>
              }
            >
              <span className="font-mono break-all">{variable.name}</span>
              <span className="block truncate text-xs text-muted-foreground">{told(variable)}</span>
            </Row>
          ))}
        </ul>
        {value?.variables.length === 0 && <p className="text-muted-foreground">There are none yet.</p>}
        <Delivery session={session} version={changed} />
        <form
          className="grid gap-3 border-t pt-3"
          onSubmit={(event) => {
            event.preventDefault();
            change(variables.set(slug, form.name.trim(), form.value, form.secret));
          }}
        >
          <Field
            label="Name"
            name="name"
            autoCapitalize="none"
            maxLength={100}
            required
            placeholder="API_KEY"
            className="font-mono"
            value={form.name}
            onChange={({ target }) => setForm({ ...form, name: target.value })}
          />
          <div className="grid gap-1">
            <label htmlFor="variable-value" className="text-ui font-medium">
              Value
            </label>
            <textarea
              ref={field}
              id="variable-value"
              rows={2}
              spellCheck={false}
              autoComplete="off"
              autoCapitalize="none"
              className={cn(
                "w-full min-w-0 rounded-md border border-input bg-card px-2.5 py-1.5 font-mono text-ui max-md:text-base",
                form.secret && "[-webkit-text-security:disc]",
              )}
              value={form.value}
              onChange={({ target }) => setForm({ ...form, value: target.value })}
            />
          </div>
          <label className="flex items-center gap-2">
            <input
              type="checkbox"
              className="size-4 accent-primary"
              checked={form.secret}
              onChange={({ target }) => setForm({ ...form, secret: target.checked })}
            />
            Secret: it is not shown again and not copied into forks. Programs here can read it, and so can whoever may
            run some.
          </label>
          <Fault message={fault} />
          <div className="flex justify-end">
            <Button type="submit" variant="primary" disabled={busy}>
              Save
            </Button>
          </div>
        </form>
      </DialogContent>
    </Dialog>
  );
}

type Form = { name: string; value: string; secret: boolean };

const empty: Form = { name: "", value: "", secret: true };

const wordFor = ({ secret }: Variable) => (secret ? "Replace" : "Change");

const told = ({ secret, value, readable }: Variable) =>
  !readable ? "The server can no longer read it: its key was lost. Set it again." : secret ? "Secret" : value;

/** Whether the workspace has what was saved. */
function Delivery({ session, version }: { session: WorkspaceSession; version: number | null }) {
  const hello = useStore(session.connection.hello);
  const { kind } = useStore(session.connection.state);
  return (
    <p role="status" className="text-xs text-muted-foreground empty:hidden">
      {version !== null &&
        (kind === "asleep"
          ? "Saved. The workspace has it when it wakes."
          : (hello?.variables ?? 0) >= version
            ? "Saved. What you start from now on has it."
            : "Saved, and on its way to the workspace.")}
    </p>
  );
}
