import type { ReactNode } from "react";
import type { Session } from "@/api/api";
import { Link } from "@/app/Link";
import { Wordmark } from "@/components/Brand";
import { cn } from "@/components/cn";
import { ThemeMenu } from "@/preferences/ThemeMenu";
import { UserMenu } from "./UserMenu";

type BarProps = { session: Session | null; wide?: boolean; children?: ReactNode };

/** The bar of every page but a workspace's: the way home, `children`, the theme and the account. */
export function Bar({ session, wide, children }: BarProps) {
  return (
    <header className="sticky top-0 z-10 border-b bg-background/90 backdrop-blur">
      <div className={cn("mx-auto flex h-12 items-center gap-1 px-4 sm:px-6", wide ? "max-w-6xl" : "max-w-4xl")}>
        <Link href="/" className="mr-2 flex rounded-md" aria-label="drop.it: to my workspaces">
          <Wordmark />
        </Link>
        <div className="min-w-0 flex-1">{children}</div>
        <ThemeMenu />
        <UserMenu session={session} />
      </div>
    </header>
  );
}
