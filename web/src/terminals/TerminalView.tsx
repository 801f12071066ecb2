import type { Connection } from "@/connection";
import type { Documents } from "@/documents";

export interface TerminalViewProps {
  connection: Connection;
  documents: Documents;
  /** The terminal's id, as in the connection's `hello`. */
  terminal: string;
  /** Pixels; 13 when left out. */
  fontSize?: number;
  /** Takes the focus when it is shown. */
  autoFocus?: boolean;
  className?: string;
}

export default function TerminalView({ terminal, className }: TerminalViewProps) {
  return <div className={className}>{terminal}</div>;
}
