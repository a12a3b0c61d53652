/* Keeps static files, one page that says that the line is down, and what another app shares until it is in a room: no room, no page
   of a person, nothing that was said. The server writes VERSION (of all static files) and OFFLINE (that page's address) above; each
   version has its own cache. */
"use strict";

const CACHE = `sampark ${VERSION} ${OFFLINE}`;
const STATIC = `/static/${VERSION}/`;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
    if (!page.ok) throw new Error("no offline page");
    await cache.put(OFFLINE, page);
    await cache.addAll([`${STATIC}app.css`, `${STATIC}js/offline.js`, `${STATIC}icons/sampark.svg`]);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("sampark ") && name !== CACHE).map((name) => caches.delete(name)));
    await self.registration.navigationPreload?.enable();
    await self.clients.claim();
  })());
});

/* The file from the cache, else from the server, and then kept: what has this address never changes. */
async function file(request) {
  // A browser that has no room left, or gives none, fetches it each time.
  const cache = await caches.open(CACHE).catch(() => {});
  const kept = await cache?.match(request).catch(() => {});
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.status === 200) await cache?.put(request, answer.clone()).catch(() => {});
  return answer;
}

/* Always from the server, and never kept. */
async function page(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(OFFLINE, { cacheName: CACHE }).catch(() => {})) ?? Response.error();
  }
}

/* Words and files wait here while somebody chooses a room for them, and before that perhaps signs in (share.js, shared.js). */
async function shared(request) {
  const again = request.clone();
  try {
    const waiting = await caches.open("shared");
    await waiting.put("/share", new Response(await request.formData(), { headers: { "X-Since": Date.now() } }));
    return Response.redirect("/share", 303);
  } catch {
    // No room left here: the words go to the server, and what came before does not stand for what comes now.
    await caches.delete("shared").catch(() => {});
    return fetch(again);
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isForm = request.headers.get("Content-Type")?.startsWith("multipart/");
  // What another site's page sends is the server's to refuse.
  const isAbroad = /^https?:/.test(request.referrer) && new URL(request.referrer).origin !== location.origin;
  if (pathname === "/share" && isForm && origin === location.origin && !isAbroad) event.respondWith(shared(request));
  if (request.method !== "GET" || origin !== location.origin || request.headers.has("Range")) return;
  if (pathname.startsWith(STATIC)) event.respondWith(file(request));
  // Streams and endless documents go their own way.
  else if (request.mode === "navigate" && request.destination === "document" && !/\/(events|live)$/.test(pathname)) event.respondWith(page(event));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data === "test" ? "/" : `/rooms/${event.notification.data}`;
  event.waitUntil((async () => {
    const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    const there = tabs.find((tab) => new URL(tab.url).pathname === path) ?? (path === "/" ? tabs[0] : undefined);
    await (there ? there.focus() : self.clients.openWindow(path));
  })());
});
