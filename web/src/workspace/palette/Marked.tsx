import { Fragment } from "react";

/** A text with the letters that were typed in bold. `positions` are of the whole, `start` is where this part of it begins. */
export function Marked({ text, positions, start = 0 }: { text: string; positions: readonly number[]; start?: number }) {
  const marked = new Set(positions.map((at) => at - start));
  const pieces: { text: string; marked: boolean }[] = [];
  for (let i = 0; i < text.length; i++) {
    const is = marked.has(i);
    const last = pieces.at(-1);
    if (last?.marked === is) last.text += text[i] ?? "";
    else pieces.push({ text: text[i] ?? "", marked: is });
  }
  return pieces.map((piece, index) =>
    piece.marked ? (
      <b key={index} className="font-semibold text-primary">
        {piece.text}
      </b>
    ) : (
      <Fragment key={index}>{piece.text}</Fragment>
    ),
  );
}
