import { useEffect, useRef, useState } from "react";
import { FileIcon } from "./FileIcon";
import { nameFault } from "./tree";
import { indent, rowHeight } from "./TreeRow";

type NameFieldProps = {
  depth: number;
  kind: "file" | "folder";
  initial: string;
  onDone: (name: string) => void;
  onCancel: () => void;
};

/** A row of the tree in which a name is typed. A path with slashes makes the folders on its way. */
export function NameField({ depth, kind, initial, onDone, onCancel }: NameFieldProps) {
  const [value, setValue] = useState(initial);
  const [fault, setFault] = useState<string | null>(null);
  const field = useRef<HTMLInputElement>(null);
  // A menu that closes gives the focus back to its row; the field takes it after that.
  useEffect(() => {
    const frame = requestAnimationFrame(() => {
      const input = field.current;
      if (!input || document.activeElement === input) return;
      input.focus();
    });
    const input = field.current;
    input?.focus();
    const dot = initial.lastIndexOf(".");
    input?.setSelectionRange(0, dot > 0 ? dot : initial.length);
    return () => cancelAnimationFrame(frame);
  }, [initial]);
  // Enter takes the focus elsewhere, which ends the field too: it is answered once.
  const answered = useRef(false);
  const answer = (how: () => void) => {
    if (answered.current) return;
    answered.current = true;
    how();
  };
  const done = () => {
    const name = value.trim();
    const wrong = nameFault(name);
    if (wrong) setFault(wrong);
    else if (name === initial) answer(onCancel);
    else answer(() => onDone(name));
  };
  return (
    <div
      role="treeitem"
      aria-selected="false"
      aria-label={initial === "" ? `New ${kind}` : `Rename ${initial}`}
      className="relative flex items-center gap-1.5 pr-2"
      style={{ height: rowHeight, paddingLeft: indent(depth) + 20 }}
    >
      <FileIcon name={value} kind={kind} />
      <input
        ref={field}
        aria-label={initial === "" ? `Name of the new ${kind}` : `New name of ${initial}`}
        aria-invalid={fault !== null}
        spellCheck={false}
        autoComplete="off"
        className="h-5.5 min-w-0 flex-1 rounded border border-ring bg-card px-1 text-ui outline-none"
        value={value}
        onChange={(event) => {
          setValue(event.target.value);
          setFault(null);
        }}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter") done();
          if (event.key === "Escape") answer(onCancel);
        }}
        onBlur={() => {
          if (value.trim() === "" || value.trim() === initial || nameFault(value.trim())) answer(onCancel);
          else done();
        }}
      />
      {fault && (
        <p
          role="alert"
          className="absolute top-full right-2 z-20 mt-0.5 rounded-md border border-destructive bg-destructive-ground
            px-2 py-1 text-xs"
          style={{ left: indent(depth) + 20 }}
        >
          {fault}
        </p>
      )}
    </div>
  );
}
