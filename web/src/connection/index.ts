/**
 * The page's side of docs/protocol.md: one socket to the runner of one workspace.
 *
 *     const connection = new Connection(slug, () => api.enter(slug));
 *     const state = useStore(connection.state);            // connecting, online, offline, refused
 *     const hello = useStore(connection.hello);            // project, terminals, ports, run, journal, notices
 *     await connection.request("files.list", { path: "" }); // throws RequestError { code, message }
 *     const off = connection.on("files.changed", ({ folders }) => refresh(folders));
 *     connection.close();
 *
 * `enter` is called before each try. When it throws a RequestError with the code `denied` or `not_found`, the
 * state is `refused` and no try follows until `retryNow()`; anything else that it throws is `offline`, tried again.
 */
export { Connection, tooManyPages, type ConnectionState, type Entry } from "./connection";
export * from "./messages";
export { useStore, Value, type Store } from "./store";
export type { Channel, ChannelListener } from "./connection";
export { ByteReader, ByteWriter, FrameError, FrameType, fromUtf8, utf8 } from "./frames";
