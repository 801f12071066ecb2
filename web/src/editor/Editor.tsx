import type { DocumentHandle } from "@/documents";

export interface EditorSettings {
  /** Pixels; 13 when left out. */
  fontSize?: number;
  /** Columns of a tab, and of one step of indentation when the file does not show its own; 2 when left out. */
  tabSize?: number;
  /** Breaks long lines at the edge. */
  wrap?: boolean;
}

export interface EditorProps {
  document: DocumentHandle;
  settings?: EditorSettings;
  /** Takes the focus when the document is shown. */
  autoFocus?: boolean;
  /** Ctrl-S or Cmd-S: nothing is left to do, the page may say so. */
  onSave?: () => void;
  /** Where the cursor is: line and column from 1, and how many characters are selected. */
  onCursor?: (cursor: { line: number; column: number; selected: number }) => void;
  className?: string;
}

export function Editor({ document, className }: EditorProps) {
  return <div className={className}>{document.path}</div>;
}
