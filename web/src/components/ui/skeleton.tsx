import type { ComponentProps } from "react";
import { cn } from "../cn";

export function Skeleton({ className, ...props }: ComponentProps<"div">) {
  return <div aria-hidden className={cn("animate-pulse-soft rounded bg-muted", className)} {...props} />;
}
