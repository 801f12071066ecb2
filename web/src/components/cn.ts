import { clsx, type ClassValue } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

// Sizes of our own: without their names they would be taken for colours and throw real ones out.
const merge = extendTailwindMerge({ extend: { classGroups: { "font-size": [{ text: ["ui", "2xs"] }] } } });

/** Joins class names; of two that set the same property the later one wins. */
export function cn(...values: ClassValue[]): string {
  return merge(clsx(values));
}
