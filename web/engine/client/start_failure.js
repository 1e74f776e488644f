// How a worker starts, and why one did not. Browsers only say that it did not, so its files are asked for once more, from
// here.

import { TinyVLMError } from "../shared/errors.js";
import { missing, nameOf, typeOf, wrong } from "../shared/page_file.js";

/** @import { EngineRequest, ReaderLost, StartRequest, StopRequest } from "../shared/protocol.js" */
/** @import { LifeWatch } from "./life_watch.js" */

/** As they are written, and as they are in a site that was made smaller. */
const IMPORT = /\b(?:from|import) ?"(\.[^"]+)"/g;
const SCRIPT_TYPE = /^(text|application)\/(x-)?(java|ecma)script$/;
const EMBEDDER = "Cross-Origin-Embedder-Policy";

/** The directives of a Content-Security-Policy that speak of workers: what stands in for a missing one, too. */
const WORKER_DIRECTIVES = ["worker-src", "child-src", "script-src", "script-src-elem", "default-src"];
/** Addresses that this page's policy has refused. @type {Set<string>} */
const refused = new Set();
globalThis.document?.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
  if (WORKER_DIRECTIVES.includes(effectiveDirective)) refused.add(blockedURI);
});

/**
 * A worker that lives may survive an error; one that does not is missing something.
 * @param {Worker} worker
 * @param {LifeWatch} life
 * @param {string} url
 * @param {{onFault: (fault: TinyVLMError) => void, onDeath: () => void}} handlers
 */
export function watchStart(worker, life, url, { onFault, onDeath }) {
  worker.onerror = async (event) => {
    event.preventDefault();
    if (life.isAlive) return;
    const fault = await explainStart(url);
    if (fault) onFault(fault);
    else onDeath();
  };
}

/**
 * @param {Worker|null} worker
 * @param {EngineRequest|StopRequest|StartRequest|ReaderLost} message
 * @param {Transferable[]} transfer
 * @throws {TinyVLMError} request-unsendable
 */
export function post(worker, message, transfer) {
  try {
    worker?.postMessage(message, transfer);
  } catch {
    throw new TinyVLMError("request-unsendable");
  }
}

/**
 * @param {string} url  of the worker's script
 * @returns {Promise<TinyVLMError|null>}  null: its files are as they should be
 */
async function explainStart(url) {
  if (new URL(url).origin !== location.origin) return null; // a bundler has put the file elsewhere
  if (refused.has(url)) return new TinyVLMError("policy-too-strict", { directive: "worker-src 'self'" });
  const fault = await faultOfModules(url);
  if (fault) return fault;
  const response = await fetch(url).catch(() => null);
  if (!response || response.headers.has(EMBEDDER) || !(await isEmbedderChecked())) return null;
  return new TinyVLMError("engine-header-missing", { file: nameOf(url), header: EMBEDDER });
}

/** A module, or one that it imports, that is missing or no script. @param {string} entry */
async function faultOfModules(entry) {
  const urls = new Set([entry]);
  for (const url of urls) {
    const response = await fetch(url).catch(() => null);
    const text = await response?.text().catch(() => null);
    if (!response || typeof text !== "string") return missing(url);
    if (!response.ok) return new TinyVLMError("download-failed", { url, status: response.status });
    if (!SCRIPT_TYPE.test(typeOf(response))) return wrong(url, typeOf(response));
    for (const [, imported] of text.matchAll(IMPORT)) urls.add(new URL(imported, url).href);
  }
  return null;
}

/** Whether this page may only start workers that come with the header. */
async function isEmbedderChecked() {
  if (crossOriginIsolated) return true;
  const page = await fetch(location.href, { method: "HEAD" }).catch(() => null);
  return page?.headers.has(EMBEDDER) ?? false;
}
