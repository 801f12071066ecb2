import type { ComponentProps } from "react";
import { navigate } from "./router";

/** A link inside the application: a plain click stays in the page; with a key held the browser decides. */
export function Link({ href, onClick, ...props }: ComponentProps<"a"> & { href: string }) {
  return (
    <a
      href={href}
      onClick={(event) => {
        onClick?.(event);
        const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
        if (!plain || event.defaultPrevented) return;
        event.preventDefault();
        navigate(href);
      }}
      {...props}
    />
  );
}
