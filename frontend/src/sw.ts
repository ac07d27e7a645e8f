// Meeting pages open without a network: what was last seen of them is kept (parts/away.ts), until signing out.
const KEPT = "xianji-meet";
const MEET = /^\/orders\/ord_\w+\/meet$/;

type Waiting = Event & { waitUntil: (work: Promise<unknown>) => void };
type Asked = Waiting & { request: Request; respondWith: (answer: Promise<Response>) => void };

const self_ = self as unknown as EventTarget & { skipWaiting: () => Promise<void>; clients: { claim: () => Promise<void> } };

self_.addEventListener("install", (event) => (event as Waiting).waitUntil(self_.skipWaiting()));
self_.addEventListener("activate", (event) => (event as Waiting).waitUntil(self_.clients.claim()));

self_.addEventListener("fetch", (event) => {
  const asked = event as Asked;
  const { request } = asked;
  const path = new URL(request.url).pathname;
  if (request.method === "POST" && path === "/sign-out") asked.waitUntil(caches.delete(KEPT));
  else if (request.method === "GET" && MEET.test(path)) asked.respondWith(newest(request));
  else if (request.method === "GET" && path.startsWith("/assets/dist/")) asked.respondWith(kept(request));
});

/** The page as it is now; without a network as it was last seen. A step that is over is not kept. */
async function newest(request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  const answer = await fetch(request).catch(() => null);
  if (!answer) return (await cache.match(request, { ignoreVary: true })) ?? Response.error();
  if (answer.ok && !answer.redirected && answer.type === "basic") await cache.put(request, answer.clone());
  else await cache.delete(request, { ignoreVary: true });
  return answer;
}

/** A built file never changes under its name. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(KEPT);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}
