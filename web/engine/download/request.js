// Requests to the hub and to other servers: tried again where that can help, every refusal turned into a sentence.

import { TinyVLMError } from "../shared/protocol.js";

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
    if (context.signal?.aborted) throw new TinyVLMError("cancelled", "Loading the model was stopped.");
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
  const { status } = response;
  if (!status) {
    const sentence = `${host} could not be reached, or does not let this page read it. Check the connection.`;
    return new TinyVLMError("no-network", sentence, { url, reason: String(response) });
  }
  const reason = response.headers.get("X-Error-Code") ?? "";
  const said = response.headers.get("X-Error-Message") ?? "";
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

export function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
