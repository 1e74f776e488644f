// Which of a model's files hold its weights; the rules are those of py/tinyvlm/folder/model_folder.py.

import { TinyVLMError } from "../shared/errors.js";
import { LateError } from "../shared/late_error.js";
import { isFileName, kindOf, roleOf } from "../shared/model_files.js";

/** @import { Inside } from "../shared/model_files.js" */

export const WEIGHTS = "model.safetensors";
export const INDEX = "model.safetensors.index.json";

/** The small files of a model; all but config.json may be missing. */
export const TEXT_FILES = Object.freeze([
  "config.json",
  "generation_config.json",
  "class_names.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.json",
  "chat_template.jinja",
  INDEX,
]);

const MAX_SHARDS = 1000;

/** The block types that can be read: the kernels' own precision first, then by how true they are to the original. */
const GGUF_TYPES = [
  ...["Q8_0", "F16", "BF16", "F32", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "IQ4_NL", "IQ4_XS", "Q4_1", "Q4_0"],
  ...["Q3_K", "Q2_K"],
];
const GGUF_TYPE = new RegExp(`(?:^|[-._])(${GGUF_TYPES.join("|")})(?=[-._])`, "i");
const GGUF_PIECE = /^(.+)-(\d{5})-of-(\d{5})(\.gguf)$/i;
/** What follows a model's name in a GGUF file's: its type, of which there are more than are read. */
const TYPE_WORDS = /(?:^|[-._])(?:UD|i1|imat|imatrix|B?F\d\d|FP\d\d|I?Q\d\w*)(?=[-._]).*/i;
/** How much of a GGUF file is enough to know its architecture: writers put that first. */
const PEEK_BYTES = 2 ** 16;
const ARCHITECTURE = /^GGUF[^]*?general\.architecture\x08\0\0\0([^])\0{7}/;

/** @param {Blob} file @returns {Promise<string|null>} what a GGUF file says its architecture is */
export async function peekArchitecture(file) {
  const beginning = await file
    .slice(0, PEEK_BYTES)
    .arrayBuffer()
    .catch(() => new ArrayBuffer(0)); // who reads all of it says why it cannot be read
  const text = Array.from(new Uint8Array(beginning), (byte) => String.fromCharCode(byte)).join("");
  const match = ARCHITECTURE.exec(text);
  return match && text.substr(match[0].length, match[1].charCodeAt(0));
}

/**
 * @param {Iterable<string>} names  the folder's files
 * @param {string|undefined} indexText  of INDEX, where there is one
 * @param {{file?: string, mmproj?: string, inside?: Inside}} [known]
 * @returns {string[]}  the files to load weights from: `file` if given, else safetensors, else GGUF with its tower
 * @throws {TinyVLMError} weights-file-missing, vision-tower-alone, index-invalid
 */
export function chooseWeights(names, indexText, { file, mmproj, inside } = {}) {
  const present = new Set(names);
  if (!file) {
    if (present.has(WEIGHTS)) return [WEIGHTS];
    if (present.has(INDEX)) return readIndex(indexText);
    [file] = modelsAmong(present, mmproj, inside).sort(byPreference);
    if (!file) throw new TinyVLMError("weights-file-missing");
  }
  if (kindOf(file) === "safetensors") return [file];
  if (roleOf(file, mmproj, inside) === "mmproj") {
    throw new LateError("vision-tower-alone", { file });
  }
  const tower = mmproj ?? towerOf(file, present, inside);
  return tower ? [...piecesOf(file), tower] : piecesOf(file);
}

/**
 * All pieces of the model that a GGUF file is a piece of, a-00001-of-00002.gguf for one; else itself.
 * @param {string} name
 */
export function piecesOf(name) {
  const [, stem, , count = "0", ending] = GGUF_PIECE.exec(name) ?? [];
  const pieces = Number(count);
  if (!pieces || pieces > MAX_SHARDS) return [name];
  return Array.from(
    { length: pieces },
    (_, index) => `${stem}-${String(index + 1).padStart(5, "0")}-of-${count}${ending}`,
  );
}

/** @param {Iterable<string>} names @param {string} [mmproj] @param {Inside} [inside] */
function modelsAmong(names, mmproj, inside) {
  return [...names].filter((name) => kindOf(name) === "gguf" && roleOf(name, mmproj, inside) === "model");
}

/**
 * The vision tower that belongs to a GGUF text model. First comes one of the same name, then one named for no model, then
 * one whose name is the beginning of the other's; and where only one model lies there, one that is known from inside,
 * whatever it is called.
 * @param {string} model
 * @param {Set<string>} names
 * @param {Inside} [inside]
 * @returns {string|undefined}
 */
function towerOf(model, names, inside) {
  const stem = stemOf(model);
  const isAlone = modelsAmong(names, undefined, inside).every((name) => stemOf(name) === stem);
  /** @param {string} tower */
  const rank = (tower) => {
    const other = stemOf(tower);
    if (other === stem) return 0;
    if (other === "" || other === "model") return 1;
    if (`${stem}-`.startsWith(`${other}-`) || `${other}-`.startsWith(`${stem}-`)) return 2;
    return isAlone && inside?.get(tower) === "clip" ? 3 : Infinity;
  };
  const towers = [...names].filter((name) => kindOf(name) === "gguf" && roleOf(name, undefined, inside) === "mmproj");
  const [best] = towers.sort((a, b) => (rank(a) === rank(b) ? byPreference(a, b) : rank(a) - rank(b)));
  return best !== undefined && rank(best) < Infinity ? best : undefined;
}

/** The model's name in a GGUF file's name: without the type, "mmproj" and the ending, words with dashes. @param {string} name */
function stemOf(name) {
  const whole = name.replace(GGUF_PIECE, "$1$4").replace(/\.gguf$/i, ".");
  return whole
    .replace(/[-._]?mmproj[-._]?/gi, "-")
    .replace(TYPE_WORDS, "")
    .replace(/[-._]+/g, "-")
    .replace(/^-|-$/g, "")
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
    throw new LateError("index-invalid");
  }
  return shards;
}

/** @param {unknown} name @returns {name is string} */
function isShardName(name) {
  return isFileName(name) && name.endsWith(".safetensors");
}
