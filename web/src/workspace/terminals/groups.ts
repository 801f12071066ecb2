/** Terminals that are shown side by side: each group is one row of the panel, in the order of its tabs. */
export type Groups = readonly (readonly string[])[];

/** Terminals side by side at most: a fifth would be too narrow to read. */
export const maxBeside = 4;

/** The groups of the terminals that there are: those that are gone left out, new ones each in a group of their own. */
export function settled(groups: Groups, ids: readonly string[]): Groups {
  const known = new Set(groups.flat());
  const kept = groups.map((group) => group.filter((id) => ids.includes(id))).filter((group) => group.length > 0);
  return [...kept, ...ids.filter((id) => !known.has(id)).map((id) => [id])];
}

/** The group that a terminal is in. */
export function groupOf(groups: Groups, id: string | null): readonly string[] {
  return groups.find((group) => id !== null && group.includes(id)) ?? [];
}

/** With `fresh` to the right of `id`, in its group. */
export function beside(groups: Groups, id: string, fresh: string): Groups {
  return groups
    .map((group) => group.filter((one) => one !== fresh))
    .filter((group) => group.length > 0)
    .map((group) => {
      const at = group.indexOf(id);
      return at < 0 ? group : [...group.slice(0, at + 1), fresh, ...group.slice(at + 1)];
    });
}

/** With `id` in a group of its own, behind the one that it was in. */
export function alone(groups: Groups, id: string): Groups {
  return groups.flatMap((group) =>
    group.includes(id) && group.length > 1 ? [group.filter((one) => one !== id), [id]] : [group],
  );
}
