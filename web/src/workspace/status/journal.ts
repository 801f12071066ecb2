import type { Journal } from "@/connection";

/** What the status bar says of the journal: a word, and the sentence behind it. */
export type JournalWords = { word: string; text: string; tone: "safe" | "pending" | "stalled" };

export function journalWords({ state, pending, message }: Journal): JournalWords {
  switch (state) {
    case "safe":
      return {
        word: "Safe",
        text: "Safe: an edit shown as safe survives the loss of any one process.",
        tone: "safe",
      };
    case "pending":
      return {
        word: pending === 0 ? "Saving" : pending === 1 ? "1 change on its way" : `${pending} changes on their way`,
        text: message ?? "On the workspace's disk already; being written to the store outside it.",
        tone: "pending",
      };
    case "stalled":
      return {
        word: "Not safe yet",
        text:
          message ??
          "Not safe yet: the store does not take changes. They are on the workspace's disk and are sent again.",
        tone: "stalled",
      };
  }
}

const languages: [RegExp, string][] = [
  [/\.tsx$/i, "TypeScript JSX"],
  [/\.(ts|mts|cts)$/i, "TypeScript"],
  [/\.jsx$/i, "JavaScript JSX"],
  [/\.(js|mjs|cjs)$/i, "JavaScript"],
  [/\.jsonc?$/i, "JSON"],
  [/\.py$/i, "Python"],
  [/\.go$/i, "Go"],
  [/go\.mod$/i, "Go module"],
  [/\.(cpp|cc|cxx|hpp|hh)$/i, "C++"],
  [/\.[ch]$/i, "C"],
  [/\.cs$/i, "C#"],
  [/\.(csproj|slnx|xml|svg)$/i, "XML"],
  [/\.html?$/i, "HTML"],
  [/\.css$/i, "CSS"],
  [/\.mdx?$/i, "Markdown"],
  [/\.ya?ml$/i, "YAML"],
  [/\.toml$/i, "TOML"],
  [/\.sql$/i, "SQL"],
  [/\.(sh|bash|zsh)$/i, "Shell"],
  [/(^|\/)makefile$/i, "Makefile"],
  [/(^|\/)dockerfile$/i, "Dockerfile"],
];

/** The language of a file by its name. */
export function languageOf(path: string): string {
  return languages.find(([pattern]) => pattern.test(path))?.[1] ?? "Plain text";
}
