import { Tooltip as Primitive } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { Kbd } from "./kbd";

export const TooltipProvider = Primitive.Provider;

type TooltipProps = {
  text: ReactNode;
  keys?: string | undefined;
  side?: "top" | "bottom" | "left" | "right";
  /** The control shows more than this at the moment. */
  hidden?: boolean;
  children: ReactElement;
};

/** Explains a control on hover and focus. The control carries its own accessible name. */
export function Tooltip({ text, keys, side = "bottom", hidden = false, children }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      {!hidden && (
        <Primitive.Portal>
          <Primitive.Content
            side={side}
            sideOffset={6}
            collisionPadding={8}
            className="z-50 flex max-w-72 animate-appear items-center gap-2 rounded-md bg-foreground px-2 py-1 text-xs
              text-background shadow-floating"
          >
            {text}
            {keys && (
              <Kbd
                keys={keys}
                className="[&_kbd]:border-background/25 [&_kbd]:bg-transparent [&_kbd]:text-background"
              />
            )}
          </Primitive.Content>
        </Primitive.Portal>
      )}
    </Primitive.Root>
  );
}
