// Files of the page itself. A host that lacks one may answer with a page of its own, as those of single-page
// applications do: that is told as what it is, not as a damaged file.

import { TinyVLMError } from "./errors.js";

/** @import { Bytes, Site } from "./protocol.js" */

const UNKNOWN_TYPE = "application/octet-stream";
/** For site.json, which is small and asked for before all else: a host that is silent for so long will stay so. */
const PATIENCE_MS = 30_000;

/**
 * @param {string} url
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<Response>}
 * @throws {TinyVLMError} page-download-failed, page-file-wrong
 */
export async function fetchPageFile(url, options) {
  const response = await fetch(url, options).catch(() => null);
  if (!response?.ok) throw missing(url);
  const type = typeOf(response);
  if (type === "text/html") throw wrong(url, type);
  return response;
}

/**
 * @param {string} url
 * @returns {Promise<Bytes>}
 * @throws {TinyVLMError} page-download-failed, page-file-wrong
 */
export async function fetchPageBytes(url) {
  const response = await fetchPageFile(url);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch {
    throw missing(url); // it broke off
  }
}

/**
 * @param {string} url  of site.json
 * @returns {Promise<Site>}
 * @throws {TinyVLMError} page-download-failed, page-file-wrong
 */
export async function fetchSite(url) {
  const response = await fetchPageFile(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  const text = await response.text().catch(() => {
    throw missing(url);
  });
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(url, typeOf(response));
  }
}

/** A reply's MIME type, without its parameters. @param {Response} response */
export function typeOf(response) {
  return (response.headers.get("Content-Type") ?? UNKNOWN_TYPE).split(";")[0].trim().toLowerCase();
}

/** @param {string} url */
export function missing(url) {
  return new TinyVLMError("page-download-failed", { file: nameOf(url) });
}

/** @param {string} url @param {string} type  what came */
export function wrong(url, type) {
  return new TinyVLMError("page-file-wrong", { file: nameOf(url), type });
}

/** @param {string} url */
export function nameOf(url) {
  return new URL(url).pathname.split("/").at(-1);
}
