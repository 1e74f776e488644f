// Starts workers, also where a page has strict rules for that; what the browser then says is an error of ours.

import { TinyVLMError } from "./errors.js";

/** The policy's name, for pages whose Content-Security-Policy lists the names that it allows. */
const POLICY = "tinyvlm";
const MODULE = /** @type {const} */ ({ type: "module" });

/**
 * Trusted Types, which TypeScript does not know.
 * @typedef {{createScriptURL: (url: string) => string}} TrustedTypesPolicy
 * @typedef {{createPolicy: (name: string, rules: TrustedTypesPolicy) => TrustedTypesPolicy}} TrustedTypes
 */

/** @type {TrustedTypesPolicy|null} */
let policy = null;

/**
 * @param {() => Worker} start  `new Worker(new URL(..., import.meta.url), { type: "module" })`, written out, since that
 *   is how bundlers find workers
 * @param {string} path  the same file, relative to `base`
 * @param {string} base  import.meta.url; a bundler may have put anything in its place
 * @returns {Worker}
 * @throws {TinyVLMError} engine-elsewhere, policy-too-strict, worker-refused
 */
export function startWorker(start, path, base) {
  const { origin, href } = new URL(path, base);
  if (/^https?:/.test(origin) && /^https?:/.test(location.origin) && origin !== location.origin) {
    throw new TinyVLMError("engine-elsewhere", { origin });
  }
  try {
    return policy ? startTrusted(policy, href) : startPlain(start, href);
  } catch (error) {
    throw error instanceof TinyVLMError ? error : new TinyVLMError("worker-refused", { reason: `${error}` });
  }
}

/** Trusted Types are asked for where a page turns out to require them. @param {() => Worker} start @param {string} href */
function startPlain(start, href) {
  try {
    return start();
  } catch (error) {
    const trustedTypes = /** @type {{trustedTypes?: TrustedTypes}} */ (globalThis).trustedTypes;
    if (!(error instanceof TypeError) || !trustedTypes) throw error;
    policy = createPolicy(trustedTypes);
    return startTrusted(policy, href);
  }
}

/** @param {TrustedTypesPolicy} trusted @param {string} href */
function startTrusted(trusted, href) {
  return new Worker(trusted.createScriptURL(href), MODULE);
}

/** @param {TrustedTypes} trustedTypes */
function createPolicy(trustedTypes) {
  try {
    return trustedTypes.createPolicy(POLICY, { createScriptURL: (url) => url });
  } catch {
    throw new TinyVLMError("policy-too-strict", { directive: `trusted-types ${POLICY}` });
  }
}
