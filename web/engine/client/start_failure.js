// How a worker starts, and what is heard of one that does not; explain_start.js finds out why, and comes when it is needed.

import { TinyVLMError } from "../shared/errors.js";
import { missing } from "../shared/page_file.js";

/** @import { EngineRequest, ReaderLost, StartRequest, StopRequest } from "../shared/protocol.js" */
/** @import { LifeWatch } from "./life_watch.js" */

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
    const fault = await faultOf(url);
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
async function faultOf(url) {
  if (new URL(url).origin !== location.origin) return null; // a bundler has put the file elsewhere
  if (refused.has(url)) return new TinyVLMError("policy-too-strict", { directive: "worker-src 'self'" });
  try {
    const { explainStart } = await import("./explain_start.js");
    return await explainStart(url);
  } catch {
    return missing(url); // what would tell more cannot be had either
  }
}
