import { ArrowUp, CircleArrowUp, Package, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { Tooltip } from "@/components/ui/tooltip";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import type { Change } from "./actions";
import { AddPackage } from "./AddPackage";
import { Packages, type Dependency, type Manifest } from "./packages";

type PackagesPaneProps = {
  session: WorkspaceSession;
  canEdit: boolean;
  /** A command runs in the terminal: it is shown. */
  onTerminal: () => void;
};

/** What the manifests name, with what can be done to it. */
export default function PackagesPane({ session, canEdit, onTerminal }: PackagesPaneProps) {
  const [packages] = useState(() => new Packages(session));
  useEffect(() => packages.follow(), [packages]);
  return (
    <section aria-label="Dependencies" className="flex h-full flex-col bg-sidebar">
      <List session={session} packages={packages} canEdit={canEdit} onTerminal={onTerminal} />
    </section>
  );
}

function List({ session, packages, canEdit, onTerminal }: PackagesPaneProps & { packages: Packages }) {
  const manifests = useStore(packages.manifests);
  const fault = useStore(packages.fault);
  const [checking, setChecking] = useState(false);
  const change = (manifest: Manifest, what: Change) => {
    onTerminal();
    packages.change(manifest, what).catch((error: unknown) => toast.error(messageOf(error)));
  };
  const check = () => {
    setChecking(true);
    packages
      .check()
      .catch((error: unknown) => toast.error(messageOf(error)))
      .finally(() => setChecking(false));
  };
  return (
    <>
      <div className="flex h-9 shrink-0 items-center gap-0.5 pr-1.5 pl-3">
        <h2 className="flex-1 truncate text-xs font-semibold text-muted-foreground">Dependencies</h2>
        <Tooltip text="Find updates">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={checking ? "Looking for updates" : "Find updates"}
            disabled={checking || !manifests || manifests.length === 0}
            onClick={check}
          >
            <CircleArrowUp className={cn(checking && "animate-pulse-soft")} />
          </Button>
        </Tooltip>
        <Tooltip text="Look again">
          <Button variant="ghost" size="icon-sm" aria-label="Look again" onClick={() => packages.refresh()}>
            <RefreshCw />
          </Button>
        </Tooltip>
      </div>
      {fault !== null && (
        <p role="alert" className="mx-3 mb-2 rounded-md bg-warning-ground px-2.5 py-1.5 text-xs">
          {fault}
        </p>
      )}
      <div className="min-h-0 flex-1 overflow-y-auto pb-6">
        {manifests === null ? (
          <Loading />
        ) : manifests.length === 0 ? (
          <Empty />
        ) : (
          manifests.map((manifest) => (
            <Group
              key={manifest.manifest}
              session={session}
              packages={packages}
              manifest={manifest}
              canEdit={canEdit}
              onChange={(what) => change(manifest, what)}
            />
          ))
        )}
      </div>
    </>
  );
}

type GroupProps = {
  session: WorkspaceSession;
  packages: Packages;
  manifest: Manifest;
  canEdit: boolean;
  onChange: (change: Change) => void;
};

function Group({ session, packages, manifest, canEdit, onChange }: GroupProps) {
  const latest = useStore(packages.latest);
  const [adding, setAdding] = useState(false);
  const [all, setAll] = useState(false);
  const direct = manifest.dependencies.filter(({ group }) => group !== "indirect");
  const indirect = manifest.dependencies.length - direct.length;
  const shown = all ? manifest.dependencies : direct;
  return (
    <div role="group" aria-label={manifest.manifest} className="border-t first:border-t-0">
      <div className="flex h-8 items-center gap-1 pr-1.5 pl-3">
        <button
          type="button"
          className="min-w-0 flex-1 truncate rounded text-left font-mono text-xs hover:underline"
          title={`Open ${manifest.manifest}`}
          onClick={() => session.tabs.open(manifest.manifest)}
        >
          {manifest.manifest}
        </button>
        {canEdit && (
          <Tooltip text="Add a package">
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Add a package to ${manifest.manifest}`}
              aria-expanded={adding}
              onClick={() => setAdding(!adding)}
            >
              <Plus />
            </Button>
          </Tooltip>
        )}
      </div>
      {adding && (
        <AddPackage
          session={session}
          registry={manifest.registry}
          onAdd={(name, version, dev) => {
            setAdding(false);
            // Go counts a module as brought by others until its code is tidied.
            if (manifest.registry === "go") setAll(true);
            onChange({ what: "add", name, version, dev });
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {manifest.fault !== null ? (
        <p role="alert" className="px-3 pb-3 text-xs text-destructive">
          {manifest.fault}
        </p>
      ) : manifest.dependencies.length === 0 ? (
        <p className="px-3 pb-3 text-xs text-muted-foreground">No packages yet. “+” adds the first one.</p>
      ) : (
        <ul className="pb-2">
          {shown.map((one) => (
            <Line
              key={`${one.group}/${one.name}`}
              dependency={one}
              newest={latest.get(`${manifest.registry}/${one.name}`) ?? null}
              canEdit={canEdit}
              onChange={onChange}
            />
          ))}
        </ul>
      )}
      {indirect > 0 && (
        <Button
          variant="ghost"
          size="xs"
          className="mx-1.5 mb-2 text-muted-foreground"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {indirect === 1 ? "1 more comes with these" : `${indirect} more come with these`}
        </Button>
      )}
    </div>
  );
}

type LineProps = {
  dependency: Dependency;
  newest: string | null;
  canEdit: boolean;
  onChange: (change: Change) => void;
};

function Line({ dependency, newest, canEdit, onChange }: LineProps) {
  const { name, wanted, installed, group } = dependency;
  const dev = group === "dev";
  const behind = newest !== null && installed !== null && newest !== installed;
  return (
    <li className="group/line flex min-h-10 items-center gap-2 py-1 pr-1.5 pl-3 hover:bg-accent">
      <div className="min-w-0 flex-1">
        <p className="truncate text-ui" title={name}>
          {name}
          {group !== "" && <span className="ml-1.5 rounded bg-muted px-1 text-2xs text-muted-foreground">{group}</span>}
        </p>
        <p className="truncate font-mono text-2xs text-muted-foreground">
          <span title="What the manifest asks for">{wanted === "" ? "any version" : wanted}</span>
          <span className="mx-1.5">·</span>
          <span title="What is installed" className={cn(installed === null && "text-warning")}>
            {installed ?? "not installed"}
          </span>
          {behind && (
            <span className="ml-1.5 text-primary" title="The newest there is">
              → {newest}
            </span>
          )}
        </p>
      </div>
      {canEdit && (
        <div className="flex shrink-0 opacity-0 group-focus-within/line:opacity-100 group-hover/line:opacity-100 max-md:opacity-100">
          <Tooltip text={newest === null ? "Update to the newest version" : `Update to ${newest}`}>
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Update ${name}`}
              onClick={() => onChange({ what: "update", name, version: newest, dev })}
            >
              <ArrowUp />
            </Button>
          </Tooltip>
          <Tooltip text="Remove">
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={`Remove ${name}`}
              onClick={() => onChange({ what: "remove", name, version: null, dev })}
            >
              <Trash2 />
            </Button>
          </Tooltip>
        </div>
      )}
    </li>
  );
}

function Empty() {
  return (
    <div className="grid justify-items-center gap-2 px-6 py-10 text-center text-muted-foreground">
      <Package aria-hidden className="size-6 opacity-60" />
      <p>No manifest here</p>
      <p className="text-xs">
        A package.json, requirements.txt, pyproject.toml, go.mod or .csproj is listed here with its packages. New file
        in Files makes one.
      </p>
    </div>
  );
}

function Loading() {
  return (
    <div role="group" aria-busy aria-label="Loading the dependencies" className="grid gap-3 px-3 py-2">
      {[60, 44, 52].map((width) => (
        <Skeleton key={width} className="h-3" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
