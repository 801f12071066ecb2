/**
 * `<TerminalView connection={connection} documents={documents} terminal={id} />` fills its parent and shows one
 * terminal. Its code comes when it is first shown. Unmounting detaches; the terminal goes on.
 */
import { createElement } from "react";
import { later } from "@/components/later";
import { TerminalSkeleton } from "./TerminalSkeleton";

export { TerminalSkeleton };
export { copyText, type ProgramCopy } from "./clipboard";
export type { TerminalLink } from "./links";
export type { TerminalHandle, TerminalViewProps } from "./TerminalView";
export const TerminalView = later(() => import("./TerminalView"), createElement(TerminalSkeleton));
