/**
 * The service worker: keeps the built page of one version, whole, so that it opens while the server is away. With a
 * server every load is the server's newest page; the kept one is the answer only where none comes.
 */
import { isAway, kindOf, outdated } from "./requests";

declare const self: ServiceWorkerGlobalScope;
/** Written in by the build (offline.ts): `index`, SHA-256 of index.html; `files`, everything that it may ask for. */
declare const builtPage: { version: string; index: string; files: string[] };

const own = `page-${builtPage.version}`;
const kept: ReadonlySet<string> = new Set(builtPage.files);
/** How long the server may take until the kept page is shown; milliseconds. */
const patience = 5_000;

self.addEventListener("install", (event) => {
  // Where the browser can, nothing waits until this worker is awake. No navigation preload: it asks for pages twice that
  // are none of this worker's, and an address that signs in does so once.
  const { addRoutes } = event as { addRoutes?: (rules: object[]) => Promise<void> };
  const routes = addRoutes?.call(event, [
    { condition: { urlPattern: new URLPattern({ pathname: "/api/*" }) }, source: "network" },
    { condition: { urlPattern: new URLPattern({ pathname: "/assets/*" }) }, source: "cache" },
    ...["/", "/w/*"].map((pathname) => ({
      condition: { requestMode: "navigate", urlPattern: new URLPattern({ pathname }) },
      source: "race-network-and-fetch-handler",
    })),
  ]);
  event.waitUntil(Promise.all([install(), routes?.catch(() => undefined)]));
});

async function install(): Promise<void> {
  try {
    const cache = await caches.open(own);
    await cache.addAll(builtPage.files);
    const index = await fetch("/", { cache: "no-store", credentials: "omit" });
    const hash = await crypto.subtle.digest("SHA-256", await index.clone().arrayBuffer());
    // The server may have gone on to another version since this worker was fetched: its page and these parts do not fit.
    if (hex(hash) !== builtPage.index) throw new Error("the server serves another version now");
    await cache.put("/", index);
  } catch (error) {
    await caches.delete(own);
    throw error;
  }
  await self.skipWaiting();
}

self.addEventListener("activate", (event) => event.waitUntil(activate()));

async function activate(): Promise<void> {
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  for (const name of outdated(await caches.keys(), own, pages.length > 0)) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const kind = kindOf(event.request, self.location.origin, kept);
  if (kind === "page") event.respondWith(page(event.request));
  else if (kind === "part") event.respondWith(part(event.request));
});

async function page(request: Request): Promise<Response> {
  const fresh = fetch(request);
  const answer = await Promise.race([fresh, after(patience)]).catch(() => null);
  if (answer !== null && !isAway(answer.status)) return answer;
  const cache = await caches.open(own);
  return (await cache.match("/")) ?? fresh;
}

async function part(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

function after(time: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), time));
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
