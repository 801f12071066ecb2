import type { ReactNode } from "react";
import type { Session } from "@/api/api";
import { Bar } from "./Bar";

type PageProps = { session: Session; title: string; children: ReactNode; links?: ReactNode };

/** A page about people or the server, with the way back; `links`: to those beside it. */
export function Page({ session, title, children, links }: PageProps) {
  return (
    <div className="h-full overflow-y-auto">
      <Bar session={session} />
      <main className="mx-auto grid max-w-4xl grid-cols-1 gap-8 px-4 pt-8 pb-16 sm:px-6">
        <div className="grid gap-3">
          {links}
          <h1 className="text-lg font-semibold">{title}</h1>
        </div>
        {children}
      </main>
    </div>
  );
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="grid gap-3 rounded-xl border bg-card p-5">
      <h2 className="font-semibold">{title}</h2>
      {children}
    </section>
  );
}

type RowProps = { children: ReactNode; action?: ReactNode; below?: ReactNode };

/** Something with buttons at its end, below it where both do not fit; `below`: what one of them opens, as wide as both. */
export function Row({ children, action, below }: RowProps) {
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5 border-t py-2 first:border-t-0">
      <div className="min-w-0 flex-1 basis-40">{children}</div>
      <div className="flex flex-wrap items-center gap-1">{action}</div>
      {below && <div className="min-w-0 basis-full">{below}</div>}
    </li>
  );
}

/** "1 member", "2 members". */
export const count = (number: number, what: string) => `${number} ${what}${number === 1 ? "" : "s"}`;

export const day = (iso: string) => new Date(iso).toLocaleDateString(undefined, { dateStyle: "medium" });

export const moment = (iso: string) =>
  new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
