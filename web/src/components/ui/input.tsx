import type { ComponentProps } from "react";
import { cn } from "../cn";

export function Input({ className, ...props }: ComponentProps<"input">) {
  return (
    <input
      spellCheck={false}
      autoComplete="off"
      className={cn(
        "h-8 w-full min-w-0 rounded-md border border-input bg-card px-2.5 text-ui placeholder:text-muted-foreground",
        "focus-visible:border-ring focus-visible:outline-2 focus-visible:outline-offset-0 disabled:opacity-50",
        "max-md:text-base",
        className,
      )}
      {...props}
    />
  );
}
