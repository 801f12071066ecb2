import { useEffect, useState, type SubmitEvent } from "react";
import { moment, Page, Row, Section } from "@/account/Page";
import { Choice, Fault, Field, typed } from "@/account/Field";
import { AdminLinks } from "@/admin/AdminLinks";
import type { Session } from "@/api/api";
import { messageOf } from "@/api/request";
import { Button, buttonVariants } from "@/components/ui/button";
import { actNames, entries, everything, exportAddress, wordsOf, type Entry, type Filter } from "./audit";

/** Who did what: an admin sees all of it, others what is theirs. `?workspace=SLUG` in the address narrows it. */
export default function Audit({ session }: { session: Session | null }) {
  const [filter, setFilter] = useState<Filter>(() => ({
    ...everything,
    workspace: new URLSearchParams(location.search).get("workspace") ?? "",
  }));
  if (session === null) return null;
  return (
    <Page session={session} title="Audit log" links={session.user.admin && <AdminLinks accounts={session.accounts} />}>
      <p className="text-muted-foreground">
        {session.user.admin
          ? "Who did what on this server, from where and when."
          : "What you did, and what was done to your workspaces."}{" "}
        Never what files hold.
      </p>
      <Filters filter={filter} onFilter={setFilter} />
      <Found filter={filter} />
    </Page>
  );
}

function Filters({ filter, onFilter }: { filter: Filter; onFilter: (filter: Filter) => void }) {
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: keyof Filter) => typed(form, name).trim();
    onFilter({
      who: text("who").toLowerCase(),
      workspace: text("workspace"),
      act: text("act"),
      since: text("since"),
      until: text("until"),
    });
  };
  return (
    <form role="search" aria-label="Entries" className="grid grid-cols-2 gap-3 sm:grid-cols-3" onSubmit={submit}>
      <Field label="Who" name="who" placeholder="user name" autoCapitalize="none" autoComplete="off" maxLength={100} />
      <Field
        label="Workspace"
        name="workspace"
        placeholder="as in its address"
        defaultValue={filter.workspace}
        autoCapitalize="none"
        autoComplete="off"
        maxLength={40}
      />
      <Choice label="What" name="act">
        <option value="">anything</option>
        {actNames.map(([name, words]) => (
          <option key={name} value={name}>
            {words}
          </option>
        ))}
      </Choice>
      <Field label="From" name="since" type="date" />
      <Field label="To" name="until" type="date" />
      <Button type="submit" variant="primary" className="self-end justify-self-start">
        Show
      </Button>
    </form>
  );
}

function Found({ filter }: { filter: Filter }) {
  const { found, next, fault, more } = useEntries(filter);
  return (
    <Section title="Entries">
      <Fault message={fault} />
      {found?.length === 0 && <p className="text-muted-foreground">Nothing of that kind was done.</p>}
      <ul>
        {found?.map((entry) => (
          <Line key={entry.id} entry={entry} />
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        {next !== null && <Button onClick={more}>Show older ones</Button>}
        <a className={buttonVariants({})} href={exportAddress(filter, "csv")} download>
          Download as CSV
        </a>
        <a className={buttonVariants({})} href={exportAddress(filter, "ndjson")} download>
          Download as JSON lines
        </a>
      </div>
    </Section>
  );
}

function Line({ entry }: { entry: Entry }) {
  return (
    <Row>
      <span className="break-words">
        <strong className="font-semibold">{entry.who || "Someone unknown"}</strong> {wordsOf(entry)}
      </span>
      <span className="block text-xs break-words text-muted-foreground">
        {moment(entry.at)}, from {entry.address || "an unknown address"}
        {entry.way === "token" && ", by an API token"}
        {entry.workspace && (
          <>
            , workspace <span className="font-mono">{entry.workspace}</span>
          </>
        )}
      </span>
    </Row>
  );
}

/** The entries so far; `more` adds a page while `next` is not null. */
function useEntries(filter: Filter) {
  const [state, setState] = useState<{ found: Entry[] | null; next: number | null; fault: string | null }>({
    found: null,
    next: null,
    fault: null,
  });
  useEffect(() => {
    let left = false;
    entries(filter, null).then(
      (page) => {
        if (!left) setState({ found: page.entries, next: page.next ?? null, fault: null });
      },
      (error: unknown) => {
        if (!left) setState((before) => ({ ...before, fault: messageOf(error) }));
      },
    );
    return () => {
      left = true;
    };
  }, [filter]);
  const more = () => {
    const { next } = state;
    entries(filter, next).then(
      (page) =>
        // Of two presses only the first adds the page.
        setState((now) =>
          now.next === next
            ? { found: [...(now.found ?? []), ...page.entries], next: page.next ?? null, fault: null }
            : now,
        ),
      (error: unknown) => setState((before) => ({ ...before, fault: messageOf(error) })),
    );
  };
  return { ...state, more };
}
