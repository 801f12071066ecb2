import { Progress as Primitive } from "radix-ui";
import { cn } from "../cn";

/** A thin bar; `value` 0..1, or null when the length is not known. */
export function Progress({ value, label, className }: { value: number | null; label: string; className?: string }) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <Primitive.Root
      value={percent}
      aria-label={label}
      className={cn("h-1 w-full overflow-hidden rounded-full bg-muted", className)}
    >
      <Primitive.Indicator
        className={cn(
          "h-full origin-left rounded-full bg-primary transition-transform duration-200",
          percent === null && "animate-pulse-soft",
        )}
        style={{ transform: `scaleX(${percent === null ? 0.4 : percent / 100})` }}
      />
    </Primitive.Root>
  );
}
