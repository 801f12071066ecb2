/**
 * `<Editor document={handle} settings={{ fontSize: 13 }} />` fills its parent and shows one document. Give it another
 * handle to switch tabs: selection, undo history and scroll position stay with the document.
 */
export { Editor as default, type EditorProps, type EditorTarget } from "./Editor";
export type { FilePlace } from "./places";
export type { EditorSettings } from "./extensions";
