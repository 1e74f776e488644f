// The site's service worker: keeps all files of one version of the site for times without a network, and adds the headers
// that give threads where the host cannot set them. Models are kept by the engine.
//
// scripts/site_files.py writes SITE in front of this: {version, live, files: {name: {size, sha256}}}. So a new version of
// the site is a new worker. A browser leaves a page with the worker that it began with, and with it the page has one
// version from start to end; a new worker waits until the old one's pages are gone.

const SCOPE = self.registration.scope;
/** Holds every version's files, under name and hash: what two versions share is there once. */
const CACHE = `tinyvlm ${SCOPE}`;
/** Names the version's files and is fetched last: where it is kept, all others are. */
const LIST = "site.json";
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

let complete = false;
let keeping = null;

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  if (event.data.type === "keep") event.waitUntil(keepAll().catch(() => {})); // the next visit goes on from here
  if (event.data.type === "take-over") event.waitUntil(takeOver(event.ports[0]));
});
self.addEventListener("fetch", (event) => {
  const name = nameOf(event.request);
  if (name) event.respondWith(answer(event.request, name));
});

/** Cheap on the first visit; an update fetches what has changed before any page meets it. */
async function install() {
  if (SITE.live || !(await isAnyVersionKept())) {
    await self.skipWaiting();
    return;
  }
  await keepAll();
  for (const client of await windows()) client.postMessage({ type: "new-version" });
}

async function activate() {
  await self.clients.claim();
  const cache = await caches.open(CACHE);
  const ours = new Set(Object.keys(SITE.files).map(keyOf));
  for (const request of await cache.keys()) {
    if (!ours.has(request.url)) await cache.delete(request);
  }
}

/** A page that has just started asks for the new version. Another page may be in the middle of something with the old one. */
async function takeOver(port) {
  if ((await windows()).length > 1) port.postMessage("other-pages");
  else await self.skipWaiting();
}

async function windows() {
  const all = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter(({ url }) => url.startsWith(SCOPE));
}

/** The file that a request asks for, or null where this worker has no say. */
function nameOf({ method, url }) {
  if (method !== "GET" || !url.startsWith(SCOPE)) return null;
  const name = new URL(url).pathname.slice(new URL(SCOPE).pathname.length) || "index.html";
  return Object.hasOwn(SITE.files, name) ? name : null;
}

async function answer(request, name) {
  if (SITE.live) return fetch(request).then(isolated, async () => (await kept(name)) ?? Response.error());
  if (await isComplete()) return (await kept(name)) ?? fetchAndKeep(name);
  return isolated(await fetch(request));
}

function keepAll() {
  keeping ??= keepEach().finally(() => {
    keeping = null;
  });
  return keeping;
}

async function keepEach() {
  for (const name of [...Object.keys(SITE.files).filter((name) => name !== LIST), LIST]) {
    if (!(await kept(name))) await fetchAndKeep(name);
  }
}

/** The kept file, or null where it is missing or damaged. */
async function kept(name) {
  const cache = await caches.open(CACHE);
  const response = await cache.match(keyOf(name));
  if (!response) return null;
  const bytes = await response.arrayBuffer();
  return (await isIntact(name, bytes)) ? new Response(bytes, { headers: response.headers }) : null;
}

async function fetchAndKeep(name) {
  // The page has just loaded most files, so the browser's own cache may have them. The list alone tells which version
  // the host has now.
  for (const cache of name === LIST ? ["no-cache"] : ["default", "reload"]) {
    const response = await fetch(SCOPE + name, { cache });
    const bytes = await response.arrayBuffer();
    if (!response.ok || !(await isIntact(name, bytes))) continue;
    const intact = isolated(new Response(bytes, { headers: response.headers }));
    intact.headers.delete("Content-Encoding");
    intact.headers.delete("Content-Length");
    await (await caches.open(CACHE)).put(keyOf(name), intact.clone());
    return intact;
  }
  throw new Error(`The host has no ${name} of version ${SITE.version}.`);
}

async function isIntact(name, bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") === SITE.files[name].sha256;
}

async function isComplete() {
  try {
    complete ||= Boolean(await (await caches.open(CACHE)).match(keyOf(LIST)));
  } catch {
    // No storage, as in some private windows: all comes from the network.
  }
  return complete;
}

async function isAnyVersionKept() {
  return Boolean(await (await caches.open(CACHE)).match(SCOPE + LIST, { ignoreSearch: true }));
}

function keyOf(name) {
  return `${SCOPE}${name}?${SITE.files[name].sha256}`;
}

function isolated(response) {
  if (response.type === "opaqueredirect") return response;
  const { body, status, statusText, headers } = response;
  const changed = new Headers(headers);
  for (const [name, value] of Object.entries(ISOLATION)) changed.set(name, value);
  return new Response(body, { status, statusText, headers: changed });
}
