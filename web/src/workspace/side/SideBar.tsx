import { Files, History, KeyRound, Package, Search, Settings, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "@/components/cn";
import { Tooltip } from "@/components/ui/tooltip";
import { commands, type CommandId } from "../commands";
import type { Side } from "../layout";

/** The views of the side bar in their order; another one is a line here and a case in WorkspaceFrame. */
const sides: { side: Side; name: string; command: CommandId; icon: LucideIcon }[] = [
  { side: "files", name: "Files", command: "show-files", icon: Files },
  { side: "search", name: "Search", command: "search", icon: Search },
  { side: "packages", name: "Dependencies", command: "packages", icon: Package },
  { side: "history", name: "History", command: "history", icon: History },
];

type SideRailProps = {
  /** Null: the side bar is hidden. */
  shown: Side | null;
  /** Beside the panes, or above them where it is narrow. */
  across: boolean;
  onSide: (side: Side) => void;
  onHide: () => void;
  onCommand: (command: CommandId) => void;
};

/** Chooses what the side bar shows; the one that is shown, chosen again, hides it. */
export function SideRail({ shown, across, onSide, onHide, onCommand }: SideRailProps) {
  return (
    <nav
      aria-label="Side bar"
      className={cn(
        "flex shrink-0 gap-0.5 bg-sidebar p-1",
        across ? "h-10 border-b" : "w-10 flex-col items-center border-r py-1.5",
      )}
    >
      {sides.map(({ side, name, command, icon }) => (
        <RailButton
          key={side}
          name={name}
          command={command}
          icon={icon}
          current={side === shown}
          across={across}
          onPress={() => (side === shown && !across ? onHide() : onSide(side))}
        />
      ))}
      <span className="flex-1" />
      <RailButton
        name="Environment variables"
        command="variables"
        icon={KeyRound}
        current={false}
        across={across}
        onPress={() => onCommand("variables")}
      />
      <RailButton
        name="Settings"
        command="settings"
        icon={Settings}
        current={false}
        across={across}
        onPress={() => onCommand("settings")}
      />
    </nav>
  );
}

type RailButtonProps = {
  name: string;
  command: CommandId;
  icon: LucideIcon;
  current: boolean;
  across: boolean;
  onPress: () => void;
};

function RailButton({ name, command, icon: Icon, current, across, onPress }: RailButtonProps) {
  return (
    <Tooltip text={name} keys={commands.find(({ id }) => id === command)?.keys} side={across ? "bottom" : "right"}>
      <button
        type="button"
        aria-label={name}
        aria-current={current}
        className={cn(
          "grid size-8 place-items-center rounded-md transition-colors",
          current ? "bg-selected text-foreground" : "text-muted-foreground hover:bg-accent hover:text-foreground",
        )}
        onClick={onPress}
      >
        <Icon aria-hidden className="size-4.5" />
      </button>
    </Tooltip>
  );
}

/** A view of the side bar: its name, what can be done with all of it, and its content. */
export function SideView({ name, actions, children }: { name: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={name} className="flex h-full flex-col bg-sidebar">
      <div className="flex h-9 shrink-0 items-center gap-0.5 pr-1.5 pl-3">
        <h2 className="flex-1 text-xs font-semibold text-muted-foreground">{name}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}
