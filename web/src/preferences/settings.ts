export type Theme = "system" | "light" | "dark";
/** When the bar of keys that phones lack is shown. */
export type KeyBarWhen = "touch" | "always" | "never";
export type Keymap = "default" | "vim" | "emacs";

/** What one person prefers. */
export type Preferences = {
  theme: Theme;
  /** A family of fixed width; empty for the system's own. */
  font: string;
  /** CSS pixels. */
  fontSize: number;
  /** Columns, where a file does not show its own. */
  tabSize: number;
  wrap: boolean;
  keymap: Keymap;
  formatOnSave: boolean;
  /** Terminals keep their text where screen readers find it. */
  screenReader: boolean;
  keyBar: KeyBarWhen;
};

export const defaults: Preferences = {
  theme: "system",
  font: "",
  fontSize: 13,
  tabSize: 2,
  wrap: false,
  keymap: "default",
  formatOnSave: false,
  screenReader: false,
  keyBar: "touch",
};

/** What a workspace may say for everyone in it, in `editor` of its dropit.json. */
export type WorkspaceSettings = Partial<Omit<Preferences, "theme" | "screenReader" | "keyBar">>;

export const bounds = { fontSize: [9, 24], tabSize: [1, 8] } as const;

const within = (value: unknown, [least, most]: readonly [number, number]) =>
  typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;

const checks: { [K in keyof Preferences]: (value: unknown) => boolean } = {
  theme: (value) => value === "system" || value === "light" || value === "dark",
  // A name of a font, not anything that ends the declaration.
  font: (value) => typeof value === "string" && /^[\w ,."'-]{0,100}$/.test(value),
  fontSize: (value) => within(value, bounds.fontSize),
  tabSize: (value) => within(value, bounds.tabSize),
  wrap: (value) => typeof value === "boolean",
  keymap: (value) => value === "default" || value === "vim" || value === "emacs",
  formatOnSave: (value) => typeof value === "boolean",
  screenReader: (value) => typeof value === "boolean",
  keyBar: (value) => value === "touch" || value === "always" || value === "never",
};

/** What of an unknown value is a setting; the rest is left out. */
export function valid(value: unknown): Partial<Preferences> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter(([name, one]) => name in checks && checks[name as keyof Preferences](one)),
  );
}

/** As {@link valid}, for what a workspace says. */
export function validForWorkspace(value: unknown): WorkspaceSettings {
  const settings = valid(value);
  delete settings.theme;
  delete settings.screenReader;
  delete settings.keyBar;
  return settings;
}
