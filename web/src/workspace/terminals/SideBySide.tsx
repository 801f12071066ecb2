import { useState, type ReactNode } from "react";
import { useNarrow } from "@/preferences/theme";
import { Split } from "../Split";

type SideBySideProps = { ids: readonly string[]; show: (id: string) => ReactNode };

/** Terminals in a row, with borders that can be moved. A narrow screen shows them one above the other. */
export function SideBySide({ ids, show }: SideBySideProps) {
  const narrow = useNarrow();
  const [first, ...others] = ids;
  if (first === undefined) return null;
  if (others.length === 0) return <div className="relative h-full">{show(first)}</div>;
  return <Beside key={ids.length} narrow={narrow} first={first} others={others} show={show} />;
}

type BesideProps = { narrow: boolean; first: string; others: string[]; show: (id: string) => ReactNode };

function Beside({ narrow, first, others, show }: BesideProps) {
  const [host, setHost] = useState<HTMLDivElement | null>(null);
  const [size, setSize] = useState<number | null>(null);
  const whole = host === null ? 0 : narrow ? host.clientHeight : host.clientWidth;
  return (
    <div ref={setHost} className="h-full">
      {host !== null && (
        <Split
          direction={narrow ? "column" : "row"}
          sized="first"
          size={size ?? Math.round(whole / (others.length + 1))}
          min={narrow ? 60 : 120}
          rest={others.length * (narrow ? 60 : 120)}
          label={narrow ? "Height of the terminal" : "Width of the terminal"}
          onSize={setSize}
          first={<div className="relative h-full">{show(first)}</div>}
          second={<SideBySide ids={others} show={show} />}
        />
      )}
    </div>
  );
}
