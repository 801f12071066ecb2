/** What dropdown and context menus share, so that they cannot drift apart. */
export const menuContent =
  "z-50 min-w-44 animate-appear overflow-hidden rounded-lg border bg-popover p-1 text-popover-foreground shadow-floating";

export const menuItem =
  "relative flex h-7 items-center gap-2 rounded-md px-2 text-ui outline-none select-none max-md:h-9 " +
  "data-[highlighted]:bg-accent data-[highlighted]:text-accent-foreground " +
  "data-[disabled]:pointer-events-none data-[disabled]:opacity-50 " +
  "data-[tone=destructive]:text-destructive [&_svg]:size-3.5 [&_svg]:shrink-0 [&_svg]:opacity-70";

export const menuSeparator = "-mx-1 my-1 h-px bg-border";
