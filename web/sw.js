// The site's service worker: keeps all files of one version of the site for times without a network, and adds the
// headers that give threads where the host cannot set them. Models are kept by the engine.
//
// scripts/website/site_files.py writes FILES in front of this: {name: {size, sha256}}, what the host had when this
// worker came, so that a new version of the site is a new worker. What pages get is another matter: the version in use
// is noted beside the files, and changes only when a page has just begun and is the only one. So no page meets two
// versions, and it does not matter which worker a browser lets run, or when.

/** @typedef {{sha256: string}} KeptFile */
/** @typedef {{live: boolean, files: Record<string, KeptFile>}} Version */
/** @typedef {{type: "begin"|"keep"}} PageMessage  "begin" brings a port, which is told whether to reload; offline.js */
/** @typedef {{type: "new-version"}} WorkerMessage */

// TypeScript takes this for a worker of another kind.
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const SCOPE = worker.registration.scope;
/** Holds every version's files, under name and hash: what two versions share is there once. */
const CACHE = `tinyvlm ${SCOPE}`;
/** Names a version's files, and is fetched last: where it is kept, all others are. Its hash stands for the version. */
const LIST = "site.json";
const IN_USE = `${SCOPE}?in-use`;
/** Kept whole, and waiting to be used. */
const NEXT = `${SCOPE}?next`;
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

const opened = () => caches.open(CACHE);
/** The version in use, while it is known. @type {Version|null} */
let used = null;
/** @type {Promise<void>|null} */
let keeping = null;

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  /** @type {PageMessage} */
  const message = event.data;
  if (message.type === "keep") event.waitUntil(keepFor(event.source));
  if (message.type === "begin") event.waitUntil(begin(event.ports[0]));
});
worker.addEventListener("fetch", (event) => {
  const name = nameOf(event.request);
  if (name) event.respondWith(answer(event.request, name));
});

/** Cheap on the first visit; an update fetches what has changed before any page meets it. */
async function install() {
  if (!(await versionInUse())) return;
  await keepAll();
  await announce(await pages());
}

/** The first visit's page came with this version; a page that went around the worker later may not have. */
async function activate() {
  if (!(await versionInUse())) await worker.clients.claim();
}

/** A page has its model and leaves the network to this. @param {ExtendableMessageEvent["source"]} page */
async function keepFor(page) {
  await keepAll().catch(() => {}); // the next visit goes on from here
  if (page) await announce([page]);
}

/** @param {readonly (Client|ServiceWorker|MessagePort)[]} pages */
async function announce(pages) {
  if (!(await read(NEXT))) return;
  /** @type {WorkerMessage} */
  const message = { type: "new-version" };
  for (const page of pages) page.postMessage(message);
}

/**
 * A page begins: if it is the only one, it may reload itself into the next version, which is what the reply says.
 * @param {MessagePort} port
 */
async function begin(port) {
  const next = await read(NEXT);
  const isAlone = (await pages()).length <= 1;
  port.postMessage(next !== null && isAlone && (await use(next)));
}

async function pages() {
  const windows = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  return windows.filter(({ url }) => url.startsWith(SCOPE));
}

/** The path in the site, or null where this worker has no say. @param {Request} request */
function nameOf({ method, url }) {
  if (method !== "GET" || !url.startsWith(SCOPE)) return null;
  const name = new URL(url).pathname.slice(new URL(SCOPE).pathname.length) || "index.html";
  return name.startsWith("models/") && !name.endsWith("/parts.json") ? null : name;
}

/** @param {Request} request @param {string} name */
async function answer(request, name) {
  if (request.mode === "navigate") used = null; // another worker may have changed it
  const version = await versionInUse();
  const file = version?.files[name];
  if (file && !version.live) return (await kept(name, file)) ?? fetchAndKeep(name, file);
  try {
    const response = await fetch(request);
    return FILES[name] ? isolated(response) : response;
  } catch (error) {
    const response = file && (await kept(name, file));
    if (!response) throw error;
    return response;
  }
}

/**
 * Null before the first one is whole, or where nothing can be kept. A live version's files are edited while they are
 * served: the network comes first.
 * @returns {Promise<Version|null>}
 */
async function versionInUse() {
  if (used) return used;
  try {
    const sha256 = await read(IN_USE);
    used = sha256 === null ? null : await versionOf(sha256);
    return used;
  } catch {
    return null; // no storage, as in some private windows
  }
}

/**
 * A kept version, or null where its list is missing or damaged.
 * @param {string} sha256
 * @returns {Promise<Version|null>}
 */
async function versionOf(sha256) {
  const response = await kept(LIST, { sha256 });
  if (!response) return null;
  const { live, files } = await response.json();
  return { live, files: { ...files, [LIST]: { sha256 } } };
}

function keepAll() {
  keeping ??= keepEach().finally(() => {
    keeping = null;
  });
  return keeping;
}

/** Keeps the host's version, and takes it into use if no other is. */
async function keepEach() {
  const ours = FILES[LIST].sha256;
  const version = await versionInUse();
  if (version?.files[LIST].sha256 !== ours) {
    for (const name of [...Object.keys(FILES).filter((name) => name !== LIST), LIST]) {
      const file = FILES[name];
      if (!(await kept(name, file))) await fetchAndKeep(name, file);
    }
    if (version && !version.live) {
      await (await opened()).put(NEXT, new Response(ours));
      return;
    }
  }
  await use(ours);
}

/**
 * Notes the version in use and drops what it does not need, the note of the next one included.
 * @param {string} sha256
 * @returns {Promise<boolean>}  false: its list is damaged, so that the other one stays in use until this is kept again
 */
async function use(sha256) {
  const cache = await opened();
  const version = await versionOf(sha256);
  if (!version) {
    await cache.delete(NEXT);
    return false;
  }
  await cache.put(IN_USE, new Response(sha256));
  used = version;
  const { files } = version;
  const needed = new Set([IN_USE, ...Object.keys(files).map((name) => keyOf(name, files[name]))]);
  for (const request of await cache.keys()) {
    if (!needed.has(request.url)) await cache.delete(request);
  }
  return true;
}

/** @param {string} note @returns {Promise<string|null>} */
async function read(note) {
  const cache = await opened();
  const response = await cache.match(note);
  return response ? response.text() : null;
}

/** The kept file, or null where it is missing or damaged. @param {string} name @param {KeptFile} file */
async function kept(name, file) {
  const cache = await opened();
  const response = await cache.match(keyOf(name, file));
  if (!response) return null;
  const bytes = await response.arrayBuffer();
  return (await isIntact(bytes, file)) ? new Response(bytes, { headers: response.headers }) : null;
}

/** @param {string} name @param {KeptFile} file */
async function fetchAndKeep(name, file) {
  // The page has just loaded most files, so the browser's own cache may have them. The list alone tells which version
  // the host has now.
  /** @type {RequestCache[]} */
  const ways = name === LIST ? ["no-cache"] : ["default", "reload"];
  for (const cache of ways) {
    const response = await fetch(SCOPE + name, { cache });
    const bytes = await response.arrayBuffer();
    if (!response.ok || !(await isIntact(bytes, file))) continue;
    const intact = isolated(new Response(bytes, { headers: response.headers }));
    intact.headers.delete("Content-Encoding");
    intact.headers.delete("Content-Length");
    await (await opened()).put(keyOf(name, file), intact.clone());
    return intact;
  }
  throw new Error(`The host no longer has the ${name} of this version.`);
}

/** @param {ArrayBuffer} bytes @param {KeptFile} file */
async function isIntact(bytes, { sha256 }) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** @param {string} name @param {KeptFile} file */
function keyOf(name, { sha256 }) {
  return `${SCOPE}${name}?${sha256}`;
}

/** @param {Response} response */
function isolated(response) {
  if (response.type === "opaqueredirect") return response;
  const { body, status, statusText, headers } = response;
  const changed = new Headers(headers);
  for (const [name, value] of Object.entries(ISOLATION)) changed.set(name, value);
  return new Response(body, { status, statusText, headers: changed });
}
