import type { Hello, Person } from "@/connection";

/** The colour of a person, the same wherever they are seen. Text on it is `--person-foreground`. */
export function colourOf({ id }: Person): string {
  return `var(--person-${id % 8})`;
}

/** One or two letters for a name. */
export function initials(name: string): string {
  const words = name.split(/[\s._@-]+/u).filter((word) => word !== "");
  const [first = "?", second] = words.map((word) => Array.from(word));
  return [first[0], second === undefined ? first[1] : second[0]].join("").toUpperCase();
}

/** Who else is here. */
export function othersHere(hello: Hello | null): Person[] {
  return hello?.people.here.filter(({ id }) => id !== hello.user) ?? [];
}

/** Names in one sentence: two of them, and how many more. */
export function namesOf(people: readonly { name: string }[]): string {
  const [first, second, ...rest] = people.map(({ name }) => name);
  if (first === undefined) return "";
  if (second === undefined) return first;
  if (rest.length === 0) return `${first} and ${second}`;
  return `${first}, ${second} and ${rest.length} more`;
}

/** Who else has a file open, and what they do there. */
export function inFile(people: readonly Person[], path: string): string {
  const here = people.filter(({ file }) => file === path);
  const viewers = here.filter(({ role }) => role === "viewer");
  const editors = here.filter(({ role }) => role !== "viewer");
  const words = [
    editors.length > 0 && `${namesOf(editors)} ${editors.length === 1 ? "edits" : "edit"} here too`,
    viewers.length > 0 && `${namesOf(viewers)} ${viewers.length === 1 ? "looks" : "look"} on`,
  ];
  return words.filter((word) => word !== false).join("; ");
}
