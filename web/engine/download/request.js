// Requests to the hub and to other servers: tried again where that can help, every refusal turned into a sentence.

import { TinyVLMError } from "../shared/protocol.js";

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
    if (context.signal?.aborted) throw new TinyVLMError("cancelled", "Loading the model was stopped.");
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
  return body.catch((error) => {
    const sentence = "Downloading the model broke off. Check the connection and try again.";
    throw new TinyVLMError("download-cut-off", sentence, { url: response.url, reason: String(error) });
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
  if (!(response instanceof Response)) {
    const sentence = `${host} could not be reached, or does not let this page read it. Check the connection.`;
    return new TinyVLMError("no-network", sentence, { url, reason: String(response) });
  }
  const { status } = response;
  const reason = response.headers.get("X-Error-Code") ?? "";
  const said = response.headers.get("X-Error-Message") ?? "";
  /** @param {string} code @param {string} sentence */
  const fail = (code, sentence) => new TinyVLMError(code, sentence, { url, status, reason });
  if (status === 429) return fail("rate-limited", `${host} asks to slow down. Try again in some minutes.`);
  if (reason === "GatedRepo") {
    const advice = token
      ? "this token has no access to it. Ask for access on the model's page, with the token's account."
      : "ask for access on the model's page, then give a token of your account.";
    return fail("repository-gated", `The repository is gated: ${advice}`);
  }
  if (status === 401 && said.includes("Invalid credentials")) {
    return fail("token-invalid", `The token is not valid. Make a new one at ${HUB}/settings/tokens.`);
  }
  if (reason === "RepoNotFound" || (status === 401 && url.includes("/api/models/"))) {
    return fail("repository-not-found", "There is no such repository: check the name. If it is private, give a token.");
  }
  if (reason === "RevisionNotFound") {
    return fail("revision-not-found", "The repository has no such branch, tag or commit.");
  }
  return fail("download-failed", `${url} could not be downloaded: the server answered ${status}.`);
}

/** @param {number} ms @returns {Promise<void>} */
export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
