import { useId, type ComponentProps, type ReactNode } from "react";
import { Input } from "@/components/ui/input";

/** A labelled input; `hint` says what belongs into it. */
export function Field({ label, hint, ...props }: ComponentProps<"input"> & { label: string; hint?: string }) {
  const id = useId();
  return (
    <Labelled id={id} label={label}>
      <Input id={id} {...(hint ? { "aria-describedby": `${id}-hint` } : {})} {...props} />
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted-foreground">
          {hint}
        </p>
      )}
    </Labelled>
  );
}

type ChoiceProps = { label: string; name: string; defaultValue?: string; children: ReactNode };

/** A labelled list to choose one of. */
export function Choice({ label, name, defaultValue, children }: ChoiceProps) {
  const id = useId();
  return (
    <Labelled id={id} label={label}>
      <select
        id={id}
        name={name}
        defaultValue={defaultValue}
        className="h-8 w-full min-w-0 rounded-md border border-input bg-card px-2 text-ui max-md:text-base"
      >
        {children}
      </select>
    </Labelled>
  );
}

function Labelled({ id, label, children }: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="text-ui font-medium">
        {label}
      </label>
      {children}
    </div>
  );
}

type AmountProps = Omit<ComponentProps<typeof Field>, "type" | "value" | "defaultValue"> & {
  value?: number | null | undefined;
};

/** A number that may be left out; `value`: what it is so far. */
export function Amount({ value, ...props }: AmountProps) {
  return <Field type="number" min={0} defaultValue={value ?? ""} {...props} />;
}

/** The number that was typed into the field of that name; null: none. */
export function amountOf(form: FormData, name: string): number | null {
  const text = typed(form, name);
  return text === "" ? null : Number(text);
}

/** Why something was not done. */
export function Fault({ message }: { message: string | null }) {
  return (
    <p role="alert" className="text-ui text-destructive empty:hidden">
      {message}
    </p>
  );
}

/** What was typed into the field of that name. */
export function typed(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
