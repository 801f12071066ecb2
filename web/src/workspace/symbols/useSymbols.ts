import { Braces, Box, FunctionSquare, Hash, Heading, Type, Variable, type LucideIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useStore } from "@/connection";
import type { WorkspaceSession } from "../session";
import type { FileSymbol, SymbolKind } from "./symbols";

const icons: Record<SymbolKind, LucideIcon> = {
  class: Box,
  function: FunctionSquare,
  value: Variable,
  type: Type,
  heading: Heading,
  rule: Hash,
  property: Braces,
};

export const symbolIcon = (kind: SymbolKind): LucideIcon => icons[kind];

/** What the file that is shown declares; null until that is known. Found when it is `wanted`, not kept up after. */
export function useSymbols(session: WorkspaceSession, wanted: boolean): readonly FileSymbol[] | null {
  const view = useStore(session.editor);
  const [symbols, setSymbols] = useState<readonly FileSymbol[] | null>(null);
  useEffect(() => {
    if (!wanted || !view) return;
    let left = false;
    import("./symbols").then(
      ({ symbolsOf }) => {
        if (!left) setSymbols(symbolsOf(view.state));
      },
      () => {
        // The chunk did not come (the page is offline): nothing is known to be declared.
        if (!left) setSymbols([]);
      },
    );
    return () => {
      left = true;
    };
  }, [view, wanted]);
  return symbols;
}

/** Milliseconds after the last key until one's place among the symbols is looked up. */
const rest = 200;

const none: readonly FileSymbol[] = [];

/** The symbols around the cursor, outermost first. */
export function useSymbolsAround(session: WorkspaceSession, cursor: object | null): readonly FileSymbol[] {
  const view = useStore(session.editor);
  const [around, setAround] = useState<{ view: object; symbols: readonly FileSymbol[] } | null>(null);
  useEffect(() => {
    if (!view || !cursor) return;
    let left = false;
    const timer = setTimeout(() => {
      import("./symbols").then(
        ({ symbolsAround, symbolsOf }) => {
          if (left) return;
          const symbols = symbolsAround(symbolsOf(view.state), view.state.selection.main.head);
          setAround({ view, symbols });
        },
        () => undefined, // Without the chunk there is only the path.
      );
    }, rest);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [view, cursor]);
  return around?.view === view ? around.symbols : none;
}
