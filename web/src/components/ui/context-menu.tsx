import { ContextMenu as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../cn";
import { Kbd } from "./kbd";
import { menuContent, menuItem, menuSeparator } from "./menu";

export const ContextMenu = Primitive.Root;
export const ContextMenuTrigger = Primitive.Trigger;

export function ContextMenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content collisionPadding={8} className={cn(menuContent, className)} {...props} />
    </Primitive.Portal>
  );
}

type ItemProps = ComponentProps<typeof Primitive.Item> & { tone?: "destructive"; keys?: string | undefined };

export function ContextMenuItem({ className, tone, keys, children, ...props }: ItemProps) {
  return (
    <Primitive.Item data-tone={tone} className={cn(menuItem, className)} {...props}>
      {/* A child that takes the item's place must be the only one. */}
      {props.asChild ? (
        children
      ) : (
        <>
          {children}
          {keys && <Kbd keys={keys} className="ml-auto pl-4" />}
        </>
      )}
    </Primitive.Item>
  );
}

export function ContextMenuSeparator() {
  return <Primitive.Separator className={menuSeparator} />;
}
