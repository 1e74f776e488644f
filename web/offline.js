// The page's side of sw.js: threads where the host cannot set headers, and the page itself without a network. Where
// service workers are missing (plain http from another machine, some private windows) the page does without both.

/** How often this tab has been reloaded for threads since it last had them. */
const RELOADS = "tinyvlm-reloads-for-threads";
/** More than one: a person may go around the service worker (Shift+Reload) while the page reloads itself. */
const MOST_RELOADS = 3;
const LONGEST_WAIT_MS = 10_000;
/** @type {ServiceWorkerContainer|undefined} */
const container = navigator.serviceWorker;

/**
 * @typedef {{type: "begin"|"keep"}} PageMessage  "begin" brings a port, which is told whether to reload
 * @typedef {{type: "new-version"}} WorkerMessage
 */

/**
 * To be awaited before anything heavy starts, since it may reload the page: to get threads from the service worker, or
 * to begin with a new version. A page that went around the service worker is reloaded as well; one that it controls
 * without giving threads is not.
 */
export async function settle() {
  if (crossOriginIsolated) forgetReloads();
  if (!container) return;
  if (container.controller) await takeNewVersion(container.controller);
  else if (!crossOriginIsolated) await gainIsolation(container);
}

/**
 * Keeps the page's files once `loaded` has settled, so that the two do not compete for the network.
 * @param {Promise<unknown>} loaded
 * @param {() => void} onNewVersion  it is there, and starts with a reload once no other tab shows the page
 */
export async function keepOffline(loaded, onNewVersion) {
  if (!container) return;
  container.addEventListener("message", (event) => {
    /** @type {WorkerMessage} */
    const message = event.data;
    if (message.type === "new-version") onNewVersion();
  });
  await loaded.catch(() => {});
  if (!(await register(container))) return;
  const { active, waiting } = await container.ready;
  const worker = waiting ?? active;
  if (worker) send(worker, { type: "keep" });
}

/** @param {ServiceWorker} worker @param {PageMessage} message @param {Transferable[]} [transfer] */
function send(worker, message, transfer = []) {
  worker.postMessage(message, transfer);
}

/**
 * @param {ServiceWorkerContainer} container
 * @returns {Promise<ServiceWorkerRegistration|undefined>}  nothing where the browser refuses
 */
function register(container) {
  return container.register(new URL("sw.js", import.meta.url), { updateViaCache: "none" }).catch(() => undefined);
}

/** @param {ServiceWorkerContainer} container */
async function gainIsolation(container) {
  if (!(await register(container))) return;
  const worker = await Promise.race([container.ready, wait()]);
  if (worker && countReload()) await reload();
}

/** @param {ServiceWorker} controller */
async function takeNewVersion(controller) {
  const { port1, port2 } = new MessageChannel();
  /** @type {Promise<boolean>} */
  const reply = new Promise((resolve) => {
    port1.onmessage = ({ data: changed }) => resolve(changed);
  });
  send(controller, { type: "begin" }, [port2]);
  const changed = await Promise.race([reply, wait()]);
  port1.close();
  if (changed) await reload();
}

/** The page goes away before this ends. */
function reload() {
  location.reload();
  return new Promise(() => {});
}

/** @returns {Promise<void>} */
function wait() {
  return new Promise((resolve) => {
    setTimeout(resolve, LONGEST_WAIT_MS);
  });
}

/** Whether the tab may be reloaded once more: it is not done for ever where it does not help. */
function countReload() {
  try {
    const reloads = Number(sessionStorage.getItem(RELOADS)) + 1;
    sessionStorage.setItem(RELOADS, String(reloads));
    return reloads <= MOST_RELOADS;
  } catch {
    return false; // no storage, no way to know
  }
}

function forgetReloads() {
  try {
    sessionStorage.removeItem(RELOADS);
  } catch {
    // Without storage nothing was remembered.
  }
}
