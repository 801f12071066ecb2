/**
 * `<TerminalView connection={connection} documents={documents} terminal={id} />` fills its parent and shows one
 * terminal. It loads its code when first shown, so wrap it in `<Suspense>`. Unmounting detaches; the terminal goes on.
 */
import { lazy } from "react";

export { copyText, type ProgramCopy } from "./clipboard";
export type { TerminalLink } from "./links";
export type { TerminalHandle, TerminalViewProps } from "./TerminalView";
export const TerminalView = lazy(() => import("./TerminalView"));
