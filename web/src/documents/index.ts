/**
 * Documents that several people edit at once: typing never waits, nothing typed is lost.
 *
 *     const documents = new Documents(connection);
 *     const handle = documents.open("src/App.tsx");   // give back with handle.close()
 *     const state = useStore(handle.state);           // loading, ready, gone, refused
 *     const dirty = useStore(documents.dirty);
 */
export { Documents, type DocumentHandle, type DocumentState } from "./documents";
