import { Check } from "lucide-react";
import { DropdownMenu as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "../cn";
import { Kbd } from "./kbd";
import { menuContent, menuItem, menuSeparator } from "./menu";

export const DropdownMenu = Primitive.Root;
export const DropdownMenuTrigger = Primitive.Trigger;

export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Portal>
      <Primitive.Content sideOffset={4} collisionPadding={8} className={cn(menuContent, className)} {...props} />
    </Primitive.Portal>
  );
}

type ItemProps = ComponentProps<typeof Primitive.Item> & { tone?: "destructive"; keys?: string | undefined };

export function DropdownMenuItem({ className, tone, keys, children, ...props }: ItemProps) {
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

export const DropdownMenuRadioGroup = Primitive.RadioGroup;

export function DropdownMenuRadioItem({ className, children, ...props }: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(menuItem, "pr-8", className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-2">
        <Check />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Primitive.Label>) {
  return <Primitive.Label className={cn("px-2 py-1 text-2xs text-muted-foreground", className)} {...props} />;
}

export function DropdownMenuSeparator() {
  return <Primitive.Separator className={menuSeparator} />;
}
