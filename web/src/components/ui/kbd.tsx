import { cn } from "../cn";

/** Keys of a shortcut, as in "Ctrl+Shift+P". */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span className={cn("inline-flex shrink-0 items-center gap-0.5", className)}>
      {keys.split("+").map((key) => (
        <kbd
          key={key}
          className="min-w-4.5 rounded border border-b-2 bg-muted px-1 text-center font-sans text-2xs text-muted-foreground"
        >
          {key}
        </kbd>
      ))}
    </span>
  );
}
