// Names of a model's files, and what they say; the rules are those of py/tinyvlm/folder/model_folder.py.

/** @import { Bytes, WeightKind } from "./protocol.js" */

/**
 * @typedef {"model"|"mmproj"} WeightRole
 *
 * @typedef {ReadonlyMap<string, string|null>} Inside  GGUF files' architectures, as their headers tell them: "clip" for a
 *   vision tower
 *
 * @typedef {object} WeightFacts
 * @property {string} name
 * @property {WeightRole} role
 * @property {WeightKind} kind
 * @property {number} size  bytes
 * @property {string|null} sha256
 * @property {string|null} etag  or the time of its last change
 *
 * @typedef {object} FileSource
 * @property {boolean|null} ranges  whether it can be read from anywhere; null while that is not known
 * @property {(start: number, end: number, onChunk: (chunk: Bytes) => void) => Promise<void>} read
 *
 * @typedef {WeightFacts & {url: string, dropped?: undefined}} ServedWeights  a file on a server
 * @typedef {WeightFacts & {dropped: FileSource, url?: undefined}} DroppedWeights  the file itself
 */

/**
 * @typedef {{offset: number, length: number, sha256: string, stage?: number}} ListedPart  as a part list tells it
 * @typedef {{offset: number, length: number, sha256: string|null, stage: number}} Part  those of a lower stage are
 *   needed before
 * @typedef {Part & {key: string|null}} CutPart  `key`: where it is kept, or null
 * @typedef {Part & {key: string}} KeptPart
 *
 * @typedef {(ServedWeights|DroppedWeights) & {parts?: ListedPart[]}} WeightFile  as it was found
 * @typedef {(ServedWeights|DroppedWeights) & {parts: CutPart[], verified: boolean}} CutFile  cut into parts; verified:
 *   their hashes vouch for the whole file
 * @typedef {ServedWeights & {parts: KeptPart[], verified: boolean}} KeptFile  as a manifest has it
 */

const FILE_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.+-]{0,200}$/u;
/** What a file that a person names may be called: "model (1).gguf", but still no paths. */
const PLAIN_NAME = /^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,200}$/u;

/**
 * What a file in a list from elsewhere may be called: no paths, nothing hidden.
 * @param {unknown} name
 * @returns {name is string}
 */
export function isFileName(name) {
  return typeof name === "string" && FILE_NAME.test(name);
}

/**
 * What a file that a person names may be called; one in a list from elsewhere is looked at only if they do.
 * @param {unknown} name
 * @returns {name is string}
 */
export function isPlainName(name) {
  return typeof name === "string" && PLAIN_NAME.test(name);
}

/** @param {string} name @returns {boolean} whether it is the name of a file of weights */
export function isWeightName(name) {
  return isPlainName(name) && /\.(gguf|safetensors)$/i.test(name);
}

/** @param {string} name @returns {WeightKind} */
export function kindOf(name) {
  return name.toLowerCase().endsWith(".gguf") ? "gguf" : "safetensors";
}

/**
 * @param {string} name
 * @param {string} [mmproj]  the one that was named
 * @param {Inside} [inside]
 * @returns {WeightRole}
 */
export function roleOf(name, mmproj, inside) {
  if (name === mmproj) return "mmproj";
  if (kindOf(name) !== "gguf") return "model";
  const architecture = inside?.get(name);
  return (architecture ? architecture === "clip" : /mmproj/i.test(name)) ? "mmproj" : "model";
}
