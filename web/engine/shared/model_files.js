// Which of a model's files hold its weights; the rules are those of py/tinyvlm/folder/model_folder.py.

import { TinyVLMError } from "./errors.js";

/** @import { WeightKind } from "./protocol.js" */

export const WEIGHTS = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** The small files of a model; all but config.json may be missing. */
export const TEXT_FILES = Object.freeze([
  "config.json",
  "generation_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.json",
  "chat_template.jinja",
  INDEX,
]);

/**
 * @typedef {"model"|"mmproj"} WeightRole
 *
 * @typedef {object} WeightFacts
 * @property {string} name
 * @property {WeightRole} role
 * @property {WeightKind} kind
 * @property {number} size  bytes
 * @property {string|null} sha256
 * @property {string|null} etag  or the time of its last change
 *
 * @typedef {WeightFacts & {url: string, blob?: undefined}} ServedWeights  a file on a server
 * @typedef {WeightFacts & {blob: Blob, url?: undefined}} DroppedWeights  the file itself
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
const MAX_SHARDS = 1000;

/** The block types that can be read: the kernels' own precision first, then by how true they are to the original. */
const GGUF_TYPES = [
  ...["Q8_0", "F16", "BF16", "F32", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "IQ4_NL", "IQ4_XS", "Q4_1", "Q4_0"],
  ...["Q3_K", "Q2_K"],
];
const GGUF_TYPE = new RegExp(`(?:^|[-._])(${GGUF_TYPES.join("|")})(?=[-._])`, "i");
const GGUF_SPLIT = /-\d{5}-of-\d{5}\.gguf$/;

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

/** @param {string} name @param {string} [mmproj] the one that was named @returns {WeightRole} */
export function roleOf(name, mmproj) {
  return name === mmproj || (kindOf(name) === "gguf" && /mmproj/i.test(name)) ? "mmproj" : "model";
}

/**
 * @param {Iterable<string>} names  the folder's files
 * @param {string|undefined} indexText  of INDEX, where there is one
 * @param {{file?: string, mmproj?: string}} [explicit]
 * @returns {string[]}  the files to load weights from: `file` if given, else safetensors, else GGUF with its tower
 * @throws {TinyVLMError} weights-file-missing, vision-tower-alone, gguf-split, index-invalid
 */
export function chooseWeights(names, indexText, { file, mmproj } = {}) {
  const present = new Set(names);
  if (!file) {
    if (present.has(WEIGHTS)) return [WEIGHTS];
    if (present.has(INDEX)) return readIndex(indexText);
    const models = [...present].filter((name) => name.endsWith(".gguf") && !GGUF_SPLIT.test(name));
    [file] = models.filter((name) => roleOf(name, mmproj) === "model").sort(byPreference);
    if (!file) throw new TinyVLMError("weights-file-missing");
  }
  if (kindOf(file) === "safetensors") return [file];
  if (roleOf(file, mmproj) === "mmproj") {
    throw new TinyVLMError("vision-tower-alone", { file });
  }
  if (GGUF_SPLIT.test(file)) {
    throw new TinyVLMError("gguf-split");
  }
  const tower = mmproj ?? towerOf(file, present);
  return tower ? [file, tower] : [file];
}

/**
 * The vision tower that belongs to a GGUF text model: of the same name, or one named for no model.
 * @param {string} model
 * @param {Set<string>} names
 * @returns {string|undefined}
 */
function towerOf(model, names) {
  const stems = ["", "model", stemOf(model)];
  return [...names].filter((name) => roleOf(name) === "mmproj" && stems.includes(stemOf(name))).sort(byPreference)[0];
}

/** The model's name in a GGUF file's name: without the type, "mmproj" and the ending. @param {string} name */
function stemOf(name) {
  const bare = `${name.replace(/\.gguf$/, "")}.`.replace(/[-._]?mmproj[-._]?/i, "-");
  return bare
    .replace(new RegExp(`${GGUF_TYPE.source}.*`, "i"), "")
    .replace(/^[-._]+|[-._]+$/g, "")
    .toLowerCase();
}

/** @param {string} a @param {string} b */
function byPreference(a, b) {
  return rankOf(a) - rankOf(b) || (a < b ? -1 : 1);
}

/** @param {string} name */
function rankOf(name) {
  const match = GGUF_TYPE.exec(name);
  return match ? GGUF_TYPES.indexOf(match[1].toUpperCase()) : GGUF_TYPES.length;
}

/** The shards that a safetensors index names. @param {string} [text] */
function readIndex(text = "") {
  /** @type {unknown[]} */
  let named = [];
  try {
    named = [...new Set(Object.values(JSON.parse(text).weight_map))];
  } catch {
    // refused below
  }
  const shards = named.filter(isShardName);
  if (!shards.length || shards.length > MAX_SHARDS || shards.length < named.length) {
    throw new TinyVLMError("index-invalid");
  }
  return shards;
}

/** @param {unknown} name @returns {name is string} */
function isShardName(name) {
  return isFileName(name) && name.endsWith(".safetensors");
}
