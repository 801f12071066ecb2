import { useId, useState, type ReactNode } from "react";
import { toast } from "sonner";
import { messageOf } from "@/api/request";
import { cn } from "@/components/cn";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Input } from "@/components/ui/input";
import { useStore } from "@/connection";
import { setPreferences, usePreferences } from "@/preferences/preferences";
import { bounds, defaults, type Preferences, type WorkspaceSettings } from "@/preferences/settings";
import { workspaceSettings } from "../effective";
import type { WorkspaceSession } from "../session";
import { changeWorkspaceSettings } from "./workspaceFile";

type Scope = "you" | "workspace";

type SettingsDialogProps = { session: WorkspaceSession; canEdit: boolean; onKeys: () => void; onClose: () => void };

/** How the page is: for this person everywhere, or for everyone in this workspace. */
export default function SettingsDialog({ session, canEdit, onKeys, onClose }: SettingsDialogProps) {
  const [scope, setScope] = useState<Scope>("you");
  const own = usePreferences();
  const here = workspaceSettings(useStore(session.connection.hello));
  const forAll = scope === "workspace";
  const values: Preferences = forAll ? { ...own, ...here } : own;
  const set = (change: Partial<Preferences>) => {
    if (!forAll) {
      setPreferences(change);
      return;
    }
    changeWorkspaceSettings(session, change).catch((error: unknown) => toast.error(messageOf(error)));
  };
  const row = (name: keyof WorkspaceSettings) => ({
    note: forAll
      ? name in here
        ? "Set for everyone in this workspace."
        : "Everyone's own."
      : name in here
        ? "This workspace says otherwise, for everyone in it."
        : undefined,
    onReset:
      forAll && canEdit
        ? name in here
          ? () => set({ [name]: undefined })
          : null
        : !forAll && own[name] !== defaults[name]
          ? () => set({ [name]: defaults[name] })
          : null,
    disabled: forAll && !canEdit,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <DialogContent
        title="Settings"
        className="top-[6vh] flex max-h-[88vh] w-[min(42rem,calc(100vw-1.5rem))] flex-col gap-4"
      >
        <Tabs scope={scope} onScope={setScope} />
        <div className="grid gap-0.5">
          {!forAll && (
            <Row label="Theme" text="Light, dark, or as the system." onReset={null}>
              {(props) => (
                <Choice
                  {...props}
                  value={own.theme}
                  options={[
                    ["system", "As the system"],
                    ["light", "Light"],
                    ["dark", "Dark"],
                  ]}
                  onChange={(theme) => set({ theme: theme as Preferences["theme"] })}
                />
              )}
            </Row>
          )}
          <Row label="Font" text="A family installed on your device; empty for the page's own." {...row("font")}>
            {(props) => (
              <>
                <Input
                  {...props}
                  key={`${scope}-${values.font}`}
                  list="fonts"
                  className="w-44"
                  placeholder="The page's own"
                  defaultValue={values.font}
                  onBlur={(event) => {
                    if (event.target.value !== values.font) set({ font: event.target.value });
                  }}
                  onKeyDown={(event) => {
                    if (event.key === "Enter") event.currentTarget.blur();
                  }}
                />
                <datalist id="fonts">
                  {["JetBrains Mono", "Fira Code", "Cascadia Code", "SF Mono", "Menlo", "Consolas"].map((font) => (
                    <option key={font} value={font} />
                  ))}
                </datalist>
              </>
            )}
          </Row>
          <Row label="Font size" text="In pixels." {...row("fontSize")}>
            {(props) => (
              <Step
                {...props}
                value={values.fontSize}
                bounds={bounds.fontSize}
                onChange={(fontSize) => set({ fontSize })}
              />
            )}
          </Row>
          <Row label="Tab size" text="Where a file does not show its own indentation." {...row("tabSize")}>
            {(props) => (
              <Step
                {...props}
                value={values.tabSize}
                bounds={bounds.tabSize}
                onChange={(tabSize) => set({ tabSize })}
              />
            )}
          </Row>
          <Row label="Wrap long lines" text="At the edge of the editor." {...row("wrap")}>
            {(props) => <Switch {...props} on={values.wrap} onChange={(wrap) => set({ wrap })} />}
          </Row>
          <Row
            label="Format on save"
            text="With Ctrl+S: Prettier, gofmt, Black, clang-format and their like, where they are installed."
            {...row("formatOnSave")}
          >
            {(props) => (
              <Switch {...props} on={values.formatOnSave} onChange={(formatOnSave) => set({ formatOnSave })} />
            )}
          </Row>
          <Row label="Keys" text="Whose keys the editor has." {...row("keymap")}>
            {(props) => (
              <Choice
                {...props}
                value={values.keymap}
                options={[
                  ["default", "Default"],
                  ["vim", "Vim"],
                  ["emacs", "Emacs"],
                ]}
                onChange={(keymap) => set({ keymap: keymap as Preferences["keymap"] })}
              />
            )}
          </Row>
          {!forAll && (
            <Row
              label="Key bar"
              text="Esc, Tab, Ctrl, arrows and signs, below a terminal or an editor that has the keyboard."
              onReset={own.keyBar === defaults.keyBar ? null : () => set({ keyBar: defaults.keyBar })}
            >
              {(props) => (
                <Choice
                  {...props}
                  value={own.keyBar}
                  options={[
                    ["touch", "On touch screens"],
                    ["always", "Always"],
                    ["never", "Never"],
                  ]}
                  onChange={(keyBar) => set({ keyBar: keyBar as Preferences["keyBar"] })}
                />
              )}
            </Row>
          )}
        </div>
        <div className="flex flex-wrap items-center justify-between gap-2 text-xs text-muted-foreground">
          <span>
            {forAll
              ? 'Kept as "editor" in dropit.json, so it goes wherever the files go.'
              : "Kept at the server, so it follows you to other devices."}
          </span>
          <Button size="sm" onClick={onKeys}>
            Keyboard shortcuts
          </Button>
        </div>
      </DialogContent>
    </Dialog>
  );
}

function Tabs({ scope, onScope }: { scope: Scope; onScope: (scope: Scope) => void }) {
  return (
    <div role="radiogroup" aria-label="For whom" className="flex gap-1 self-start rounded-lg bg-muted p-0.5">
      {(
        [
          ["you", "For you"],
          ["workspace", "For this workspace"],
        ] as const
      ).map(([id, name]) => (
        <label
          key={id}
          className={cn(
            "flex h-7 items-center rounded-md px-3 has-focus-visible:outline-2 has-focus-visible:outline-ring",
            scope === id ? "bg-card font-medium shadow-raised" : "text-muted-foreground",
          )}
        >
          <input type="radio" name="scope" className="sr-only" checked={scope === id} onChange={() => onScope(id)} />
          {name}
        </label>
      ))}
    </div>
  );
}

type Control = { id: string; "aria-describedby": string; disabled: boolean };

type RowProps = {
  label: string;
  text: string;
  note?: string | undefined;
  /** Null: it is as it would be. */
  onReset: (() => void) | null;
  disabled?: boolean;
  children: (control: Control) => ReactNode;
};

/** A setting in two columns, which stand below each other where it is narrow. */
function Row({ label, text, note, onReset, disabled = false, children }: RowProps) {
  const id = useId();
  return (
    <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1.5 border-b py-2 last:border-b-0">
      <div className="min-w-48 flex-1">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={`${id}-text`} className="text-xs text-muted-foreground">
          {text}
          {note && <span className="text-primary"> {note}</span>}
        </p>
      </div>
      <div className="ml-auto flex items-center gap-1.5">
        <Button
          variant="ghost"
          size="xs"
          aria-label={`${label}: back to what it was`}
          className={cn(onReset === null && "invisible")}
          onClick={() => onReset?.()}
        >
          Reset
        </Button>
        {children({ id, "aria-describedby": `${id}-text`, disabled })}
      </div>
    </div>
  );
}

type ChoiceProps = Control & { value: string; options: [string, string][]; onChange: (value: string) => void };

function Choice({ value, options, onChange, ...control }: ChoiceProps) {
  return (
    <select
      {...control}
      className="h-8 w-44 rounded-md border border-input bg-card px-2 text-ui disabled:opacity-50 max-md:text-base"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    >
      {options.map(([id, name]) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </select>
  );
}

type StepProps = Control & { value: number; bounds: readonly [number, number]; onChange: (value: number) => void };

function Step({ value, bounds: [least, most], onChange, ...control }: StepProps) {
  return (
    <Input
      {...control}
      type="number"
      className="w-20 tabular-nums"
      min={least}
      max={most}
      value={value}
      onChange={(event) => {
        const next = event.target.valueAsNumber;
        if (next >= least && next <= most) onChange(Math.round(next));
      }}
    />
  );
}

function Switch({ on, onChange, ...control }: Control & { on: boolean; onChange: (on: boolean) => void }) {
  return (
    <button
      {...control}
      type="button"
      role="switch"
      aria-checked={on}
      className={cn(
        "relative h-5.5 w-10 rounded-full border transition-colors disabled:opacity-50",
        on ? "border-primary bg-primary" : "border-input bg-muted",
      )}
      onClick={() => onChange(!on)}
    >
      <span
        aria-hidden
        className={cn(
          "absolute top-0.5 left-0.5 size-4 rounded-full transition-transform",
          on ? "translate-x-4.5 bg-primary-foreground" : "bg-muted-foreground",
        )}
      />
    </button>
  );
}
