// Requests to the hub and to other servers: tried again where that can help, every refusal turned into a sentence.

import { TinyVLMError } from "../shared/errors.js";

/** @import { Bytes } from "../shared/protocol.js" */

export const HUB = "https://huggingface.co";
export const TRANSIENT = [408, 429, 500, 502, 503, 504];
const DELAYS_MS = [500, 1000, 2000];
/** How servers say that a file is missing; some keep quiet about what one may not see. */
const MISSING = [403, 404];

/**
 * @typedef {object} RequestContext
 * @property {string} endpoint  the hub's address
 * @property {string} [token]  sent to the hub alone
 * @property {AbortSignal} [signal]
 * @property {typeof globalThis.fetch} fetch
 * @property {(ms: number) => Promise<void>} sleep  between tries
 * @property {number[]} [delays]  how long, before each further try
 *
 * @typedef {{headers?: Record<string, string>, cache?: RequestCache}} RequestOptions
 */

/**
 * @param {string} url
 * @param {RequestContext} context
 * @param {RequestOptions} [options]
 * @returns {Promise<Response>}
 * @throws {TinyVLMError}
 */
export async function request(url, context, options = {}) {
  const outcome = await lastOutcome(url, context, options);
  if (outcome instanceof Response && outcome.ok) return outcome;
  throw refusal(outcome, url, context);
}

/**
 * As `request`, but null for what is missing.
 * @param {string} url
 * @param {RequestContext} context
 * @returns {Promise<Response|null>}
 * @throws {TinyVLMError}
 */
export async function requestOptional(url, context) {
  const outcome = await lastOutcome(url, context, {});
  if (outcome instanceof Response && outcome.ok) return outcome;
  if (outcome instanceof Response && MISSING.includes(outcome.status)) return null;
  throw refusal(outcome, url, context);
}

/**
 * What the last try came to.
 * @param {string} url
 * @param {RequestContext} context
 * @param {RequestOptions} options
 * @returns {Promise<Response|Error>}
 * @throws {TinyVLMError} cancelled
 */
async function lastOutcome(url, context, { headers = {}, cache = "default" }) {
  const delays = context.delays ?? DELAYS_MS;
  for (let tries = 0; ; tries++) {
    const init = { headers: { ...headers, ...authorization(url, context) }, signal: context.signal, cache };
    const outcome = await context.fetch(url, init).catch((/** @type {Error} */ error) => error);
    const isReply = outcome instanceof Response;
    if (isReply && outcome.ok) return outcome;
    if (context.signal?.aborted) throw new TinyVLMError("load-cancelled");
    const passes = !isReply || TRANSIENT.includes(outcome.status);
    if (!passes || tries === delays.length) return outcome;
    await context.sleep(delays[tries]);
  }
}

/** As `context.fetch`. @type {typeof globalThis.fetch} */
export function fetchNow(input, init) {
  return globalThis.fetch(input, init);
}

/**
 * The token's header, for the hub and nobody else.
 * @param {string} url
 * @param {{endpoint: string, token?: string}} context
 * @returns {Record<string, string>}
 */
export function authorization(url, { endpoint, token }) {
  return token && new URL(url).origin === new URL(endpoint).origin ? { Authorization: `Bearer ${token}` } : {};
}

/**
 * A reply's whole body.
 * @param {Response} response
 * @returns {Promise<string>}
 * @throws {TinyVLMError} download-cut-off
 */
export async function readText(response) {
  return whole(response, response.text());
}

/**
 * A reply's whole body; null for what is no JSON.
 * @param {Response} response
 * @returns {Promise<unknown>}
 * @throws {TinyVLMError} download-cut-off
 */
export async function readJSON(response) {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * A reply's whole body.
 * @param {Response} response
 * @returns {Promise<Bytes>}
 * @throws {TinyVLMError} download-cut-off
 */
export async function readBytes(response) {
  return new Uint8Array(await whole(response, response.arrayBuffer()));
}

/**
 * @template T
 * @param {Response} response
 * @param {Promise<T>} body
 * @returns {Promise<T>}
 */
function whole(response, body) {
  return body.catch(() => {
    throw new TinyVLMError("download-cut-off", { url: response.url });
  });
}

/**
 * What a failed request means, with the reason that the Hugging Face hub gives.
 * @param {Response|Error} response
 * @param {string} url
 * @param {{token?: string}} context
 */
export function refusal(response, url, { token }) {
  const { host } = new URL(url);
  if (!(response instanceof Response)) return new TinyVLMError("host-unreachable", { host });
  const { status } = response;
  if (status === 429) return new TinyVLMError("rate-limited", { host });
  const reason = response.headers.get("X-Error-Code") ?? "";
  const said = response.headers.get("X-Error-Message") ?? "";
  const { repository, revision } = named(url);
  if (reason === "GatedRepo") {
    if (token) return new TinyVLMError("token-without-access", { repository });
    return new TinyVLMError("repository-gated", { repository });
  }
  if (status === 401 && said.includes("Invalid credentials")) return new TinyVLMError("token-invalid");
  if (reason === "RepoNotFound" || (status === 401 && url.includes("/api/models/"))) {
    return new TinyVLMError("repository-not-found", { repository });
  }
  if (reason === "RevisionNotFound") return new TinyVLMError("revision-not-found", { repository, revision });
  return new TinyVLMError("download-failed", { url, status });
}

/** The repository and the revision that an address of the hub names; of another, its path and nothing. @param {string} url */
function named(url) {
  const path = new URL(url).pathname.slice(1);
  const [, repository = path, revision = ""] = /([^/]+\/[^/]+)\/(?:revision|resolve)\/([^/]+)/.exec(path) ?? [];
  return { repository, revision: JSON.stringify(decoded(revision)) };
}

/** A part of a URL as it was meant. @param {string} text */
export function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // no valid UTF-8 in it
  }
}

/** @param {number} ms @returns {Promise<void>} */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
