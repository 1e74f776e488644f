// What is kept of which model: one manifest a model and version, naming the parts that hold its files.
// A manifest begins with its own hash, so that a torn or damaged one counts as none.

import { Hasher } from "./sha256.js";

/** @import { Bytes } from "./protocol.js" */
/** @import { KeptFile } from "./model_files.js" */

/** The name under which the text reader is kept beside models. */
export const READER_NAME = "Text reader";

const FORMAT = 1;
const HASH_DIGITS = 64;

/**
 * @typedef {object} Manifest
 * @property {string} id
 * @property {string} name
 * @property {string} source  what the model was asked for as
 * @property {string} saved  ISO date
 * @property {{name: string, size: number, key: string}[]} texts
 * @property {KeptFile[]} weights
 */

const hasher = new Hasher(""); // pages that have OPFS have crypto.subtle

/** @param {Manifest} manifest @returns {Promise<Bytes>} */
export async function encodeManifest(manifest) {
  const body = new TextEncoder().encode(JSON.stringify({ format: FORMAT, ...manifest }));
  const head = new TextEncoder().encode(await hasher.digest(body));
  const bytes = new Uint8Array(head.byteLength + body.byteLength);
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return bytes;
}

/** @param {ArrayBuffer} buffer @returns {Promise<Manifest|null>}  null for what is damaged or of another format */
export async function decodeManifest(buffer) {
  const body = new Uint8Array(buffer, Math.min(HASH_DIGITS, buffer.byteLength));
  const head = new TextDecoder().decode(new Uint8Array(buffer, 0, Math.min(HASH_DIGITS, buffer.byteLength)));
  if ((await hasher.digest(body)) !== head) return null;
  const manifest = JSON.parse(new TextDecoder().decode(body));
  return manifest.format === FORMAT ? manifest : null;
}

/**
 * What a manifest names, with the bytes that have to be there.
 * @param {Manifest} manifest
 * @returns {{key: string, length: number}[]}
 */
export function partsNamed({ texts, weights }) {
  const small = texts.map(({ key, size }) => ({ key, length: size }));
  return [...small, ...weights.flatMap(({ parts }) => parts.map(({ key, length }) => ({ key, length })))];
}
