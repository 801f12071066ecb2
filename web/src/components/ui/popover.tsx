import { Popover as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../cn";
import { menuContent } from "./menu";

export const Popover = Primitive.Root;
export const PopoverTrigger = Primitive.Trigger;

type ContentProps = ComponentProps<typeof Primitive.Content> & { "aria-label": string };

/** Words that a button opens, since a touch screen shows no tooltip. */
export function PopoverContent({ className, ...props }: ContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Content
        sideOffset={4}
        collisionPadding={8}
        className={cn(menuContent, "max-w-[min(24rem,calc(100vw-1rem))] space-y-2 p-2 text-xs", className)}
        {...props}
      />
    </Primitive.Portal>
  );
}
