// Requests to the hub and to other servers: tried again where that can help, every refusal turned into a sentence.

import { TinyVLMError } from "../shared/errors.js";

export const HUB = "https://huggingface.co";
export const TRANSIENT = [408, 429, 500, 502, 503, 504];
const DELAYS_MS = [500, 1000, 2000];

/**
 * @typedef {object} RequestContext
 * @property {string} endpoint  the hub's address
 * @property {string} [token]  sent to the hub alone
 * @property {AbortSignal} [signal]
 * @property {typeof globalThis.fetch} fetch
 * @property {(ms: number) => Promise<void>} sleep  between tries
 * @property {number[]} [delays]  how long, before each further try
 */

/**
 * @param {string} url
 * @param {RequestContext} context
 * @param {{headers?: Record<string, string>, optional?: boolean, cache?: RequestCache}} [options]
 * @returns {Promise<Response|null>}  null for what is missing but optional
 * @throws {TinyVLMError}
 */
export async function request(url, context, { headers = {}, optional = false, cache = "default" } = {}) {
  const delays = context.delays ?? DELAYS_MS;
  for (let tries = 0; ; tries++) {
    const init = { headers: { ...headers, ...authorization(url, context) }, signal: context.signal, cache };
    const response = await context.fetch(url, init).catch((error) => error);
    if (response.ok) return response;
    if (context.signal?.aborted) throw new TinyVLMError("load-cancelled");
    if (optional && [403, 404].includes(response.status)) return null;
    const passes = !response.status || TRANSIENT.includes(response.status);
    if (!passes || tries === delays.length) throw refusal(response, url, context);
    await context.sleep(delays[tries]);
  }
}

/** The token's header, for the hub and nobody else. @returns {Record<string, string>} */
export function authorization(url, { endpoint, token }) {
  return token && new URL(url).origin === new URL(endpoint).origin ? { Authorization: `Bearer ${token}` } : {};
}

/** A reply's whole body; null for JSON that is none. @param {Response} response @param {"text"|"json"} as */
export async function read(response, as) {
  return response[as]().catch((error) => {
    if (error instanceof SyntaxError) return null;
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
  const { status } = response;
  if (!status) return new TinyVLMError("host-unreachable", { host });
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

/** The repository and the revision that an address of the hub names; of another, its path and nothing. */
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

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
