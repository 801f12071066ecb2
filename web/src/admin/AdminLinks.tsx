import { Link } from "@/app/Link";
import { cn } from "@/components/cn";

/** The pages that admins look after the server with. */
export function AdminLinks({ accounts }: { accounts: boolean }) {
  const pages = [
    ["/admin", "This server"] as const,
    ...(accounts ? [["/people", "People"] as const] : []),
    ["/audit", "Audit log"] as const,
  ];
  return (
    <nav aria-label="Looking after the server" className="-mx-2 flex flex-wrap gap-1">
      {pages.map(([href, name]) => (
        <Link
          key={href}
          href={href}
          aria-current={location.pathname === href ? "page" : undefined}
          className={cn(
            "rounded-md px-2 py-1 text-ui text-muted-foreground hover:bg-accent hover:text-accent-foreground",
            location.pathname === href && "bg-muted font-medium text-foreground",
          )}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
