/**
 * `<Editor document={handle} settings={{ fontSize: 13 }} />` fills its parent and shows one document. Give it another
 * handle to switch tabs: selection, undo history and scroll position stay with the document.
 */
export { Editor, type EditorProps } from "./Editor";
export type { EditorSettings } from "./extensions";
