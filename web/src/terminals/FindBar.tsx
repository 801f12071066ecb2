import type { SearchAddon } from "@xterm/addon-search";
import { ArrowDown, ArrowUp, CaseSensitive, Regex, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/input";

const colours = {
  matchBackground: "#d9a400",
  matchOverviewRuler: "#d9a400",
  activeMatchBackground: "#f47b20",
  activeMatchColorOverviewRuler: "#f47b20",
};

/** Finds text in what a terminal has printed. */
export default function FindBar({ search, onClose }: { search: SearchAddon; onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [caseSensitive, setCaseSensitive] = useState(false);
  const [regex, setRegex] = useState(false);
  const [count, setCount] = useState({ index: -1, total: 0 });
  const options = { caseSensitive, regex, decorations: colours };

  useEffect(() => {
    const listening = search.onDidChangeResults(({ resultIndex, resultCount }) =>
      setCount({ index: resultIndex, total: resultCount }),
    );
    return () => {
      listening.dispose();
      search.clearDecorations();
    };
  }, [search]);

  const find = (term: string, wanted = options) => {
    if (term === "" || (wanted.regex && !valid(term))) {
      search.clearDecorations();
      setCount({ index: -1, total: 0 });
    } else {
      // The newest output stands at the end: that is where people look first.
      search.findPrevious(term, { ...wanted, incremental: true });
    }
  };
  const step = (back: boolean) => {
    if (typed === "" || (regex && !valid(typed))) return;
    if (back) search.findPrevious(typed, options);
    else search.findNext(typed, options);
  };
  const words =
    typed === ""
      ? ""
      : regex && !valid(typed)
        ? "Not a pattern"
        : count.total === 0
          ? "Not found"
          : count.index < 0
            ? `${count.total} and more`
            : `${count.index + 1} of ${count.total}`;
  return (
    <div
      role="search"
      aria-label="Find in the terminal"
      className="absolute top-1.5 right-3 z-10 flex max-w-[calc(100%-1.5rem)] items-center gap-0.5 rounded-md border
        bg-popover p-1 shadow-floating"
    >
      <Input
        autoFocus
        aria-label="Find in the terminal"
        placeholder="Find"
        className="h-6 w-40 min-w-16 text-xs"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          find(event.target.value);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(!event.shiftKey);
          else if (event.key === "Escape") onClose();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <span
        role="status"
        className="min-w-20 px-1 text-center text-2xs whitespace-nowrap text-muted-foreground tabular-nums"
      >
        {words}
      </span>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Match case"
        aria-pressed={caseSensitive}
        className="aria-pressed:bg-accent aria-pressed:text-accent-foreground"
        onClick={() => {
          setCaseSensitive(!caseSensitive);
          find(typed, { ...options, caseSensitive: !caseSensitive });
        }}
      >
        <CaseSensitive />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        aria-label="Regular expression"
        aria-pressed={regex}
        className="aria-pressed:bg-accent aria-pressed:text-accent-foreground"
        onClick={() => {
          setRegex(!regex);
          find(typed, { ...options, regex: !regex });
        }}
      >
        <Regex />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label="Previous match" onClick={() => step(true)}>
        <ArrowUp />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label="Next match" onClick={() => step(false)}>
        <ArrowDown />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label="Close the search" onClick={onClose}>
        <X />
      </Button>
    </div>
  );
}

function valid(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}
