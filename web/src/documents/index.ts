/**
 * Documents that several people edit at once: typing never waits, nothing typed is lost.
 *
 *     const documents = new Documents(connection);
 *     const handle = documents.open("src/App.tsx");   // give back with handle.close()
 *     const state = useStore(handle.state);           // loading, ready { unsent, saved, safe }, gone, refused
 *     const dirty = useStore(documents.dirty);
 *     documents.pushAll();                            // ahead of Enter in a terminal
 *     documents.close();
 */
export { othersField, type OtherCursor } from "./cursors";
export type { DocumentState } from "./client";
export { account, signedIn, signedOut, signedOutElsewhere } from "./account";
export { keptWorkspaces, type Keeping, type KeptWorkspace } from "./shelf";
export { Documents, type DocumentHandle } from "./documents";
