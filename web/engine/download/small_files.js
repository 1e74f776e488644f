// Files that are fetched whole: part lists, and the texts that they name. What has a wrong hash is asked for again.

import { parsePartList } from "./parts.js";
import { TinyVLMError } from "../shared/errors.js";
import { readBytes, request } from "./request.js";

/** @import { Bytes } from "../shared/protocol.js" */
/** @import { ListedFile } from "./parts.js" */
/** @import { RequestContext } from "./request.js" */

const MOST_TRIES = 3;

/** @typedef {RequestContext & {digest: (bytes: Bytes) => Promise<string>}} VerifyingContext  `digest`: sha256 in hex */

/**
 * @param {string} folder  URL
 * @param {VerifyingContext} context
 * @param {string} [sha256]  that the list has to have
 * @returns {Promise<ListedFile[]>}
 * @throws {TinyVLMError} part-list-invalid, checksum-mismatch, ...
 */
export async function fetchPartList(folder, context, sha256) {
  const url = urlInside(folder, "parts.json");
  const bytes = await fetchVerified(url, { name: "parts.json", sha256 }, context);
  return parsePartList(new TextDecoder().decode(bytes), url);
}

/**
 * The URL of a file in a folder, with the folder's query: that may be what lets one read there.
 * @param {string} folder  URL
 * @param {string} name
 * @returns {string}
 */
export function urlInside(folder, name) {
  const url = new URL(folder);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${encodeURIComponent(name)}`;
  url.hash = "";
  return url.href;
}

/**
 * @param {string} url
 * @param {{name: string, size?: number, sha256?: string}} file
 * @param {VerifyingContext} context
 * @returns {Promise<Bytes>}
 * @throws {TinyVLMError} checksum-mismatch, ...
 */
export async function fetchVerified(url, { name, size, sha256 }, context) {
  for (let tries = 1; ; tries++) {
    const response = await request(url, context, { cache: tries === 1 ? "no-cache" : "reload" });
    const bytes = await readBytes(response);
    const isWhole = size === undefined || bytes.byteLength === size;
    if (isWhole && (!sha256 || (await context.digest(bytes)) === sha256)) return bytes;
    if (tries === MOST_TRIES) throw mismatch(name);
  }
}

/** @param {string} name */
export function mismatch(name) {
  return new TinyVLMError("checksum-mismatch", { file: name });
}
