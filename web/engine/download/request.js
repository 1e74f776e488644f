// Requests to servers: tried again where that can help, every refusal turned into a sentence.

import { TinyVLMError } from "../shared/errors.js";

/** @import { Bytes } from "../shared/protocol.js" */
/** @import { Hub } from "./hub_host.js" */

export const TRANSIENT = [408, 429, 500, 502, 503, 504];
const DELAYS_MS = [500, 1000, 2000];

/**
 * @typedef {object} RequestContext
 * @property {Hub|null} [hub]  where it may be asked
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
 * What the last try came to.
 * @param {string} url
 * @param {RequestContext} context
 * @param {RequestOptions} options
 * @returns {Promise<Response|Error>}
 * @throws {TinyVLMError} load-cancelled
 */
export async function lastOutcome(url, context, { headers = {}, cache = "default" }) {
  const delays = context.delays ?? DELAYS_MS;
  for (let tries = 0; ; tries++) {
    const init = { headers: { ...headers, ...context.hub?.headersFor(url) }, signal: context.signal, cache };
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
 * @throws {TinyVLMError} download-cut-off
 */
export function whole(response, body) {
  return body.catch(() => {
    throw new TinyVLMError("download-cut-off", { url: response.url });
  });
}

/**
 * What a failed request means, with the reason that the hub gives where it was asked.
 * @param {Response|Error} response
 * @param {string} url
 * @param {{hub?: Hub|null}} context
 */
export function refusal(response, url, { hub }) {
  const { host } = new URL(url);
  if (!(response instanceof Response)) return new TinyVLMError("host-unreachable", { host });
  const { status } = response;
  if (status === 429) return new TinyVLMError("rate-limited", { host });
  return hub?.reasonOf(response, url) ?? new TinyVLMError("download-failed", { url, status });
}

/** @param {number} ms @returns {Promise<void>} */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
