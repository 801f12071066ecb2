import { CircleAlert, FolderGit2, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Stack } from "@/api/api";
import { navigate } from "@/app/router";
import { cn } from "@/components/cn";
import { StackIcon } from "@/components/StackIcon";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import type { Loaded } from "@/api/useLoaded";
import type { TeamInfo, Template } from "@/teams/teams";

const grid = "grid grid-cols-2 gap-2.5 md:grid-cols-3 lg:grid-cols-4 xl:grid-cols-5";

type GalleryProps = {
  stacks: Loaded<Stack[]>;
  /** The team that new workspaces belong to; null: they are one's own. */
  team: TeamInfo | null;
  /** What it starts workspaces with besides the stacks. */
  templates: Template[];
  onImport: () => void;
};

export function StackGallery({ stacks, team, templates, onImport }: GalleryProps) {
  return (
    <section aria-labelledby="new-workspace">
      <h1 id="new-workspace" className="text-xl font-semibold tracking-tight">
        What do you want to build?
      </h1>
      <p className="mt-1 mb-4 text-sm text-muted-foreground">
        Pick a stack. You get an editor, a terminal and its output in a workspace of{" "}
        {team ? `the team ${team.name}` : "your own"}.
      </p>
      {stacks.value ? (
        <ul className={grid}>
          {team &&
            templates.map((template) => (
              <li key={template.id}>
                <TemplateCard template={template} team={team} />
              </li>
            ))}
          {[...stacks.value]
            .sort((a, b) => a.order - b.order)
            .map((stack) => (
              <li key={stack.id}>
                <StackCard stack={stack} team={team} />
              </li>
            ))}
          <li>
            <ImportCard onImport={onImport} />
          </li>
        </ul>
      ) : stacks.error ? (
        <div role="alert" className="flex items-center gap-3 rounded-lg border bg-destructive-ground p-4">
          <p className="flex-1">{stacks.error}</p>
          <Button onClick={stacks.reload}>Try again</Button>
        </div>
      ) : (
        <div className={grid} role="group" aria-busy aria-label="Loading the stacks">
          {Array.from({ length: 9 }, (_, index) => (
            <Skeleton key={index} className="h-[5.75rem] rounded-lg" />
          ))}
        </div>
      )}
    </section>
  );
}

function ImportCard({ onImport }: { onImport: () => void }) {
  return (
    <Card
      id="import"
      title="Import"
      label="Import code"
      icon={
        <span className="grid size-6 shrink-0 place-items-center text-muted-foreground">
          <FolderGit2 aria-hidden className="size-5" />
        </span>
      }
      className="border-dashed border-input"
      onClick={onImport}
    >
      A Git repository or a zip that you have
    </Card>
  );
}

function TemplateCard({ template: { id, name, description, stack }, team }: { template: Template; team: TeamInfo }) {
  return (
    <Card
      id={`template-${id}`}
      title={name}
      label={`New workspace from the template ${name}`}
      icon={<StackIcon stack={stack} />}
      className="bg-card shadow-raised"
      onClick={() => navigate(`/new/${stack}?team=${team.id}&template=${id}`)}
    >
      <span className="line-clamp-2 break-words">{description}</span>
      <span>Template of {team.name}</span>
    </Card>
  );
}

function StackCard({ stack, team }: { stack: Stack; team: TeamInfo | null }) {
  const missing = stack.missing.map(({ message }) => message).join(" ");
  return (
    <Card
      id={`stack-${stack.id}`}
      title={stack.name}
      label={`New ${stack.name} workspace`}
      icon={<StackIcon stack={stack.id} />}
      disabled={Boolean(stack.error)}
      className="bg-card shadow-raised"
      onClick={() => navigate(`/new/${stack.id}${team ? `?team=${team.id}` : ""}`)}
    >
      <span className="line-clamp-3">{stack.description}</span>
      {stack.error ? (
        <span className="flex gap-1.5 text-destructive">
          <CircleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
          <span>{stack.error}</span>
        </span>
      ) : (
        missing && (
          <span className="flex gap-1.5 text-warning">
            <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
            <span>{missing}</span>
          </span>
        )
      )}
    </Card>
  );
}

type CardProps = {
  id: string;
  title: string;
  /** What the button is called; it holds the title. */
  label: string;
  icon: ReactNode;
  disabled?: boolean;
  className: string;
  onClick: () => void;
  /** What it is, below the title. */
  children: ReactNode;
};

/** A button with a description that is not part of its name; all of the card can be pressed. */
function Card({ id, title, label, icon, disabled, className, onClick, children }: CardProps) {
  return (
    <div
      className={cn(
        "relative flex h-full min-h-[5.75rem] flex-col gap-2 rounded-lg border p-3",
        "transition-[border-color,background-color] hover:border-ring hover:bg-accent/40 has-disabled:opacity-60",
        className,
      )}
    >
      <div className="flex items-center gap-2.5">
        {icon}
        <button
          type="button"
          disabled={disabled}
          aria-label={label}
          aria-describedby={id}
          onClick={onClick}
          className={cn(
            "min-w-0 text-left text-sm font-medium outline-none after:absolute after:-inset-px after:rounded-lg",
            "focus-visible:after:outline-2 focus-visible:after:outline-offset-1 focus-visible:after:outline-ring",
          )}
        >
          {title}
        </button>
      </div>
      <div id={id} className="grid gap-1.5 text-xs text-muted-foreground">
        {children}
      </div>
    </div>
  );
}
