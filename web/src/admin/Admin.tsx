import { CircleCheck, CircleDashed, CircleX } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { moment, Page, Row, Section } from "@/account/Page";
import { Fault } from "@/account/Field";
import type { Session } from "@/api/api";
import { messageOf } from "@/api/request";
import { useLoaded } from "@/api/useLoaded";
import { NotFound, Unreachable } from "@/app/FullPage";
import { Button } from "@/components/ui/button";
import { bytesOf, shareOf } from "@/workspace/machine/amounts";
import { admin, type Event, type Part, type Protection, type Setting, type Use, type Workspace } from "./admin";
import { AdminLinks } from "./AdminLinks";
import { AdminTeams } from "@/teams/AdminTeams";

/** The server, for those who look after it. */
export default function Admin({ session }: { session: Session | null }) {
  if (session === null) return null;
  return session.user.admin ? <Looked session={session} /> : <NotFound />;
}

function Looked({ session }: { session: Session }) {
  const { value, error, reload } = useLoaded(admin.server, "/api/admin/server");
  if (error !== null && value === null) return <Unreachable message={error} onRetry={reload} />;
  return (
    <Page session={session} title="This server" links={<AdminLinks accounts={session.accounts} />}>
      <Health parts={value?.health ?? []} error={error} onLook={reload} />
      <Workspaces />
      {session.accounts && <AdminTeams />}
      <Protections all={value?.protections ?? []} />
      <Settings all={value?.settings ?? []} />
    </Page>
  );
}

type HealthProps = { parts: Part[]; error: string | null; onLook: () => void };

function Health({ parts, error, onLook }: HealthProps) {
  return (
    <Section title="Health">
      <Fault message={error} />
      <ul>
        {parts.map(({ name, well, message }) => (
          <Row key={name}>
            <Mark standing={well ? "on" : "off"} words={well ? "well" : "not well"} />
            <span className="inline-block first-letter:uppercase">{name}</span>
            <span className="block pl-6 text-xs text-muted-foreground">{message}</span>
          </Row>
        ))}
      </ul>
      <Button className="justify-self-start" onClick={onLook}>
        Look again
      </Button>
    </Section>
  );
}

const marks = {
  on: { Icon: CircleCheck, colour: "text-success" },
  off: { Icon: CircleX, colour: "text-destructive" },
  unneeded: { Icon: CircleDashed, colour: "text-muted-foreground" },
};

function Mark({ standing, words }: { standing: Protection["standing"]; words: string }) {
  const { Icon, colour } = marks[standing];
  return <Icon role="img" aria-label={words} className={`mr-2 inline size-4 align-text-bottom ${colour}`} />;
}

function Protections({ all }: { all: Protection[] }) {
  const off = all.filter(({ standing }) => standing === "off").length;
  return (
    <Section title="Protections">
      <p className="text-muted-foreground">
        {off === 0 ? "All that this server needs are on." : `${off} of ${all.length} are off; each says why.`}
      </p>
      <ul>
        {all.map(({ name, standing, why }) => (
          <Row key={name}>
            <Mark standing={standing} words={standing === "unneeded" ? "not needed" : standing} />
            {name}
            <span className="block pl-6 text-xs text-muted-foreground">{why}</span>
          </Row>
        ))}
      </ul>
    </Section>
  );
}

function Settings({ all }: { all: Setting[] }) {
  const set = all.filter(({ source }) => source !== "default");
  const rest = all.filter(({ source }) => source === "default");
  return (
    <Section title="Settings">
      <p className="text-muted-foreground">As the server was started; they change with its next start.</p>
      <SettingList all={set} />
      <details>
        <summary className="cursor-pointer text-ui text-muted-foreground">{rest.length} are as they come</summary>
        <SettingList all={rest} />
      </details>
    </Section>
  );
}

function SettingList({ all }: { all: Setting[] }) {
  return (
    <ul>
      {all.map(({ name, help, value, source, secret }) => (
        <Row key={name}>
          <span className="font-mono text-ui break-all">
            --{name} {value}
          </span>
          <span className="block text-xs text-muted-foreground">
            {source !== "default" && `From the ${source}: `}
            {secret && source !== "default" && "not shown; "}
            {help}
          </span>
        </Row>
      ))}
    </ul>
  );
}

// What one looks through at once.
const shownAtFirst = 20;

function Workspaces() {
  const { value, error, reload } = useLoaded(admin.workspaces, "/api/admin/workspaces");
  const [shown, setShown] = useState(shownAtFirst);
  const awake = value?.filter(({ state }) => state !== "asleep" && state !== "failed").length ?? 0;
  const stop = (slug: string) =>
    admin.stop(slug).then(reload, (fault: unknown) => {
      toast.error(messageOf(fault));
    });
  return (
    <Section title="Workspaces">
      <Fault message={error} />
      {value && (
        <p className="text-muted-foreground">
          {value.length === 0 ? "Nobody has made one yet." : `${value.length} in all, ${awake} awake.`}
        </p>
      )}
      <ul>
        {value?.slice(0, shown).map((workspace) => (
          <Line key={workspace.slug} workspace={workspace} onStop={() => void stop(workspace.slug)} />
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        {value && value.length > shown && <Button onClick={() => setShown(shown + 100)}>Show more</Button>}
        <Button onClick={reload}>Look again</Button>
      </div>
    </Section>
  );
}

function Line({ workspace, onStop }: { workspace: Workspace; onStop: () => void }) {
  const { slug, name, stack, owner, team, state, message, cause, because, use, usedAt } = workspace;
  const [size, setSize] = useState<string | null>(null);
  const [events, setEvents] = useState<Event[] | null>(null);
  const tell = () => {
    admin.events(slug).then(setEvents, (fault: unknown) => {
      toast.error(messageOf(fault));
    });
  };
  const look = () => {
    admin.size(slug).then(
      ({ bytes, files }) => setSize(`${bytesOf(bytes)} in ${files} ${files === 1 ? "file" : "files"}`),
      (fault: unknown) => setSize(messageOf(fault)),
    );
  };
  const words = because ?? message;
  return (
    <Row
      action={
        <>
          <Button
            size="sm"
            aria-label={`Events of ${name}`}
            aria-expanded={events !== null}
            onClick={() => (events === null ? tell() : setEvents(null))}
          >
            Events
          </Button>
          <Button size="sm" aria-label={`Size of ${name}`} onClick={look}>
            Size
          </Button>
          {state !== "asleep" && (
            <Button size="sm" aria-label={`Stop ${name}`} onClick={onStop}>
              Stop
            </Button>
          )}
        </>
      }
      below={events && <Events all={events} name={name} />}
    >
      <span className="break-words">
        {name} <span className="text-muted-foreground">of {team ? `the team ${team}` : owner}</span>
      </span>
      <span className="block text-xs break-words text-muted-foreground">
        <span className={state === "failed" ? "text-destructive" : ""}>{state}</span>
        {words && `: ${words}`}
      </span>
      <span className="block text-xs break-words text-muted-foreground">
        <span className="font-mono">{slug}</span>, {stack}, last used {moment(usedAt)}
        {size && `, ${size}`}
      </span>
      {use && <span className="block text-xs break-words text-muted-foreground">{usageOf(use)}</span>}
      {cause && <span className="block text-xs text-destructive">{cause}</span>}
    </Row>
  );
}

/** "Uses 210 MB of 2.1 GB memory, 12 % of 2 processors, 4 MB of disk". */
function usageOf({ cpu, processors, memory, memoryLimit, disk }: Use) {
  const share = cpu === null || cpu === undefined ? [] : [`${shareOf(cpu, processors)} of ${processors} processors`];
  const files = disk === null || disk === undefined ? [] : [`${bytesOf(disk)} of disk`];
  return `Uses ${[`${bytesOf(memory)} of ${bytesOf(memoryLimit)} memory`, ...share, ...files].join(", ")}`;
}

function Events({ all, name }: { all: Event[]; name: string }) {
  if (all.length === 0)
    return <p className="pt-1 text-xs text-muted-foreground">Nothing was said of it since this server started.</p>;
  return (
    <ol aria-label={`What was said of ${name}`} className="grid gap-1 pt-1">
      {all.map(({ at, state, message }) => (
        <li key={at + state + (message ?? "")} className="border-l-2 pl-2 text-xs break-words text-muted-foreground">
          <time dateTime={at}>{time(at)}</time>{" "}
          <span className={state === "failed" ? "text-destructive" : ""}>{state}</span>
          {message && `: ${message}`}
        </li>
      ))}
    </ol>
  );
}

const time = (iso: string) => new Date(iso).toLocaleString(undefined, { dateStyle: "short", timeStyle: "medium" });
