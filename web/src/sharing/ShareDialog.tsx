import { useId, useState } from "react";
import { Fault, Field, typed } from "@/account/Field";
import { day, Row } from "@/account/Page";
import { useAction } from "@/account/useAction";
import { useLoaded } from "@/api/useLoaded";
import { Command } from "@/app/FullPage";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { AddPerson, RoleChoice } from "./AddPerson";
import { guestRoles, sharing, type GuestRole, type ShareLink } from "./sharing";

type ShareProps = {
  workspace: { slug: string; name: string };
  onClose: () => void;
  /** It is someone else's now. */
  onHandedOver: () => void;
};

/** Who else may use a workspace, for its owner. */
export default function ShareDialog({ workspace: { slug, name }, onClose, onHandedOver }: ShareProps) {
  const [ask] = useState(() => () => sharing.people(slug));
  const { value, error, reload } = useLoaded(ask, `people of ${slug}`);
  const { busy, fault, run } = useAction();
  const act = (action: Promise<unknown>) => run(() => action.then(reload));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()}>
      <DialogContent
        title={`Share ${name}`}
        description="Viewers see files and terminals; editors change, type and run."
      >
        {value?.team && <p className="text-ui">Members of the team {value.team.name} edit it; its admins own it.</p>}
        <ul aria-label="People">
          {value?.people.map((person) => (
            <Row
              key={person.id}
              action={
                person.role !== "owner" && (
                  <>
                    <RoleChoice
                      label={`Role of ${person.name}`}
                      roles={guestRoles}
                      value={person.role}
                      onChange={(role) => act(sharing.setRole(slug, person.id, role))}
                    />
                    <Button disabled={busy} onClick={() => act(sharing.remove(slug, person.id))}>
                      Remove<span className="sr-only"> {person.name}</span>
                    </Button>
                  </>
                )
              }
            >
              <span className="break-words">{person.name}</span>
              <span className="block text-xs break-words text-muted-foreground">
                {person.userName ?? person.role}
                {person.byLink && ", by a link"}
                {person.expiresAt && `, until ${day(person.expiresAt)}`}
                {person.role === "owner" && ", owner"}
              </span>
            </Row>
          ))}
        </ul>
        <Fault message={error ?? fault} />
        <AddPerson
          roles={guestRoles}
          first="editor"
          busy={busy}
          onAdd={(userName, role, added) => act(sharing.add(slug, userName, role).then(added))}
        />
        <Links slug={slug} links={value?.links ?? []} onChanged={reload} />
        {value && !value.team && (
          <HandOver
            busy={busy}
            onHandOver={(userName) =>
              run(async () => {
                await sharing.handOver(slug, userName);
                onHandedOver();
              })
            }
          />
        )}
      </DialogContent>
    </Dialog>
  );
}

type LinksProps = { slug: string; links: ShareLink[]; onChanged: () => void };

function Links({ slug, links, onChanged }: LinksProps) {
  const id = useId();
  const [role, setRole] = useState<GuestRole>("viewer");
  const [days, setDays] = useState(7);
  const [made, setMade] = useState<string | null>(null);
  const { busy, fault, run } = useAction();
  const make = () =>
    run(async () => {
      const { address } = await sharing.link(slug, role, days);
      setMade(address ?? null);
      onChanged();
    });
  const end = (link: string) =>
    run(async () => {
      await sharing.unlink(slug, link);
      setMade(null);
      onChanged();
    });
  return (
    <section aria-label="Links" className="grid gap-2 border-t pt-3">
      <h3 className="text-ui font-medium">Links</h3>
      <p className="text-xs text-muted-foreground">Whoever has an account and opens it gets the role, until it ends.</p>
      <ul>
        {links.map((link) => (
          <Row
            key={link.id}
            action={
              <Button size="sm" disabled={busy} onClick={() => end(link.id)}>
                End the link
              </Button>
            }
          >
            {link.role === "editor" ? "Editor" : "Viewer"}
            <span className="block text-xs text-muted-foreground">until {day(link.expiresAt)}</span>
          </Row>
        ))}
      </ul>
      {made && <Command text={made} command={false} />}
      <div className="flex flex-wrap items-center gap-2">
        <RoleChoice label="Role of the link" roles={guestRoles} value={role} onChange={setRole} />
        <label htmlFor={id} className="sr-only">
          How long it is good
        </label>
        <select
          id={id}
          className="h-8 rounded-md border border-input bg-card px-1.5 text-ui"
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
        >
          <option value={1}>for a day</option>
          <option value={7}>for a week</option>
          <option value={30}>for 30 days</option>
          <option value={365}>for a year</option>
        </select>
        <Button disabled={busy} onClick={make}>
          Make a link
        </Button>
      </div>
      <Fault message={fault} />
    </section>
  );
}

function HandOver({ busy, onHandOver }: { busy: boolean; onHandOver: (userName: string) => void }) {
  const id = useId();
  return (
    <form
      className="grid gap-1 border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        onHandOver(typed(new FormData(event.currentTarget), "owner"));
      }}
    >
      <div className="flex items-end gap-2">
        <div className="flex-1">
          <Field
            label="Hand it over to"
            name="owner"
            autoCapitalize="none"
            maxLength={39}
            aria-describedby={id}
            required
          />
        </div>
        <Button type="submit" variant="destructive" disabled={busy}>
          Hand over
        </Button>
      </div>
      <p id={id} className="text-xs text-muted-foreground">
        It is theirs from then on; you stay as an editor.
      </p>
    </form>
  );
}
