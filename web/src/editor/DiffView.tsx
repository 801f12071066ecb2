import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { languageOf } from "./languages";
import { theme } from "./theme";

export interface DiffViewProps {
  /** What was before. */
  left: string;
  /** What is now. */
  right: string;
  /** Gives the language of both. */
  path: string;
  /** One column in place of two, for narrow places. */
  unified?: boolean;
  fontSize?: number;
  /** For a screen reader. */
  labels: { left: string; right: string };
}

/** Two texts beside each other, their differences marked, what is equal folded. Nothing can be changed here. */
export function DiffView({ left, right, path, unified = false, fontSize = 13, labels }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const { left: leftLabel, right: rightLabel } = labels;
  useEffect(() => {
    const parent = host.current;
    if (parent === null) return;
    let ended = false;
    let end: () => void = () => undefined;
    const draw = (language: Extension) => {
      if (ended) return;
      const shared = [
        lineNumbers(),
        highlightSpecialChars(),
        EditorState.readOnly.of(true),
        EditorView.lineWrapping,
        EditorView.theme({ "&": { fontSize: `${fontSize}px` } }),
        language,
        theme,
      ];
      const named = (name: string) => EditorView.contentAttributes.of({ "aria-label": name, tabindex: "0" });
      const collapseUnchanged = { margin: 3, minSize: 6 };
      const view = unified
        ? new EditorView({
            parent,
            doc: right,
            extensions: [
              shared,
              named(`${leftLabel} and ${rightLabel}`),
              unifiedMergeView({ original: left, mergeControls: false, collapseUnchanged }),
            ],
          })
        : new MergeView({
            parent,
            a: { doc: left, extensions: [shared, named(leftLabel)] },
            b: { doc: right, extensions: [shared, named(rightLabel)] },
            collapseUnchanged,
          });
      end = () => view.destroy();
    };
    const language = languageOf(path);
    if (language === null) draw([]);
    else if (language.ready) draw(language.ready);
    else language.load().then(draw, () => draw([]));
    return () => {
      ended = true;
      end();
    };
  }, [left, right, path, unified, fontSize, leftLabel, rightLabel]);
  return <div ref={host} className="diff-view h-full overflow-auto" />;
}
