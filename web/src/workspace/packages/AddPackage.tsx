import { useEffect, useId, useState, type KeyboardEvent } from "react";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";
import type { WorkspaceSession } from "../session";
import { nameFault } from "./actions";
import type { Registry } from "./manifests";

type AddPackageProps = {
  session: WorkspaceSession;
  registry: Registry;
  onAdd: (name: string, version: string | null, dev: boolean) => void;
  onClose: () => void;
};

type Found = {
  query: string;
  packages: readonly { name: string; version: string; description?: string }[];
  exact: boolean;
  fault: string | null;
};

/** How long typing rests before the registry is asked. Milliseconds. */
const pause = 250;

/** Finds a package as its name is typed; the very name can always be added. */
export function AddPackage({ session, registry, onAdd, onClose }: AddPackageProps) {
  const [typed, setTyped] = useState("");
  const [dev, setDev] = useState(false);
  const [index, setIndex] = useState(0);
  const id = useId();
  const query = typed.trim();
  const found = useFound(session, registry, query);
  const fresh = found?.query === query;
  const options = query === "" ? [] : (found?.packages ?? []);
  const own = nameFault(query) === null && !options.some(({ name }) => name === query);
  const at = Math.min(index, options.length + (own ? 1 : 0) - 1);
  const choose = (position: number) => {
    const one = options[position];
    if (one) onAdd(one.name, one.version === "" ? null : one.version, dev);
    else if (own) onAdd(query, null, dev);
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = options.length + (own ? 1 : 0);
    if (step && count > 0) {
      event.preventDefault();
      setIndex((at + step + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (query !== "") choose(at);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      onClose();
    }
  };
  return (
    <div className="grid gap-2 px-3 pb-3">
      <Input
        role="combobox"
        aria-label="Find a package"
        aria-expanded={options.length > 0}
        aria-controls={id}
        aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
        autoFocus
        placeholder={registry === "go" ? "github.com/owner/module" : "Name of a package"}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setIndex(0);
        }}
        onKeyDown={press}
      />
      <div id={id} role="listbox" aria-label="Packages" className="max-h-64 overflow-y-auto empty:hidden">
        {options.map(({ name, version, description }, position) => (
          <div
            key={name}
            id={`${id}-${position}`}
            role="option"
            aria-selected={position === at}
            className={cn("cursor-default rounded-md px-2 py-1.5", position === at && "bg-accent")}
            onPointerMove={() => setIndex(position)}
            onClick={() => choose(position)}
          >
            <p className="flex items-baseline gap-2">
              <span className="min-w-0 flex-1 truncate">{name}</span>
              <span className="shrink-0 font-mono text-2xs text-muted-foreground">{version}</span>
            </p>
            {description && <p className="truncate text-xs text-muted-foreground">{description}</p>}
          </div>
        ))}
        {own && (
          <div
            id={`${id}-${options.length}`}
            role="option"
            aria-selected={at === options.length}
            className={cn("cursor-default rounded-md px-2 py-1.5", at === options.length && "bg-accent")}
            onPointerMove={() => setIndex(options.length)}
            onClick={() => choose(options.length)}
          >
            Add “{query}”
          </div>
        )}
      </div>
      {query !== "" && (
        <p role="status" className="text-xs text-muted-foreground">
          {found?.fault ??
            (!fresh
              ? "Looking"
              : found.exact
                ? found.packages.length > 0
                  ? "This registry finds exact names only."
                  : "This registry finds exact names only, and has none of that name."
                : found.packages.length === 0
                  ? "Nothing is called that."
                  : "")}
        </p>
      )}
      <div className="flex items-center gap-2">
        {registry === "npm" && (
          <label className="flex flex-1 items-center gap-1.5 text-xs">
            <input
              type="checkbox"
              className="accent-primary"
              checked={dev}
              onChange={(event) => setDev(event.target.checked)}
            />
            Development only
          </label>
        )}
        <Button size="xs" className="ml-auto" onClick={onClose}>
          Cancel
        </Button>
      </div>
    </div>
  );
}

function useFound(session: WorkspaceSession, registry: Registry, query: string): Found | null {
  const [found, setFound] = useState<Found | null>(null);
  useEffect(() => {
    if (query === "") return;
    let left = false;
    const timer = setTimeout(() => {
      session.connection.request("packages.find", { registry, query }).then(
        ({ packages, exact }) => {
          if (!left) setFound({ query, packages, exact, fault: null });
        },
        (error: unknown) => {
          if (!left) setFound({ query, packages: [], exact: true, fault: messageOf(error) });
        },
      );
    }, pause);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [session, registry, query]);
  return found;
}
