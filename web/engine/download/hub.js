// What a person names or drops -> the model's small files as texts, and where its weights are to be had. The rules are
// those of py/tinyvlm/hub/open.py: owner/name of the Hugging Face hub, its addresses, folders and files on other
// servers.
//
// A browser follows the hub's redirects by itself and shows only the last reply's headers, so sizes and hashes are
// taken from the hub's list of files; where that lacks them, from the first byte's Content-Range and ETag.

import { BlobFile } from "./blob_file.js";
import { INDEX, TEXT_FILES, chooseWeights, peekArchitecture, piecesOf } from "./choose_weights.js";
import { isFileName, isPlainName, isWeightName, kindOf, roleOf } from "../shared/model_files.js";
import { TinyVLMError } from "../shared/errors.js";
import { LateError } from "../shared/late_error.js";
import { HUB, Hub, decoded } from "./hub_host.js";
import { validatorOf } from "./remote_file.js";
import { isCount, isSha256 } from "./parts.js";
import { fetchNow, lastOutcome, refusal, request, sleep, whole } from "./request.js";
import { fetchPartList, fetchVerified, urlInside } from "./small_files.js";

/** @import { ServedWeights, WeightFile, WeightFacts } from "../shared/model_files.js" */
/** @import { Bytes } from "../shared/protocol.js" */
/** @import { VerifyingContext } from "./small_files.js" */

const HUB_HOSTS = ["huggingface.co", "www.huggingface.co", "hf.co"];

const NAME = "[A-Za-z0-9][\\w.-]{0,95}/[A-Za-z0-9_][\\w.-]{0,95}";
const REVISION = /^(?!.*\.\.)\w[\w.+-]{0,100}(\/[\w.+-]{1,100}){0,5}$/;
const COMMIT = /^[0-9a-f]{40}$/;
const MAX_TEXT_BYTES = 2 ** 26;
/** How servers say that a file is missing; some keep quiet about what one may not see. */
const MISSING = [403, 404];

/**
 * @typedef {{name: string, texts: Record<string, string>, weights: WeightFile[]}} Model
 *
 * @typedef {object} ResolveOptions
 * @property {Hub} [hub]
 * @property {string} [mmproj]  name of a GGUF model's vision tower, where it cannot be found by name
 * @property {AbortSignal} [signal]
 * @property {typeof globalThis.fetch} [fetch]
 * @property {(ms: number) => Promise<void>} [sleep]  between tries
 * @property {(bytes: Bytes) => Promise<string>} [digest]  sha256 in hex; needed where there is no crypto.subtle
 *
 * @typedef {VerifyingContext & {hub: Hub, mmproj?: string}} Context
 * @typedef {{name: string, revision: string, file?: string}} Repository
 * @typedef {{size: number|null, sha256: string|null}} ListedFacts  null: not told
 */

/**
 * @param {string} source  owner/name, owner/name@revision, either with /file.gguf, an address of the hub, the URL of a
 *   folder with a parts.json, or of a .gguf or .safetensors file
 * @param {ResolveOptions} [options]
 * @returns {Promise<Model>}
 * @throws {TinyVLMError} what py/tinyvlm/hub raises for it; host-unreachable, size-unknown, load-cancelled
 */
export async function resolveModel(source, options = {}) {
  /** @type {Context} */
  const context = { fetch: fetchNow, sleep, digest: subtleDigest, hub: new Hub(), ...options };
  if (/^https?:/i.test(source)) {
    if (!URL.canParse(source)) throw new TinyVLMError("url-invalid", { url: source });
    const url = new URL(source);
    const repository = parseURL(url, context.hub.endpoint);
    if (repository) return openRepository(repository, context);
    return isWeightName(nameOf(url)) ? openFile(url, context) : openFolder(url, context);
  }
  const repository = parseName(source);
  if (repository) return openRepository(repository, context);
  throw new TinyVLMError("model-not-found", { source: JSON.stringify(source) });
}

/**
 * A model from dropped or picked files: a folder's (the files that lie highest count), or one file of weights.
 * @param {Iterable<File>} files
 * @param {{mmproj?: string}} [options]
 * @returns {Promise<Model>}
 * @throws {TinyVLMError} model-incomplete, dropped-file-missing, file-too-large, and those of chooseWeights
 */
export async function fromFiles(files, { mmproj } = {}) {
  const found = [...files].map((file) => {
    const folders = (file.webkitRelativePath || file.name).split("/").slice(0, -1);
    return { file, folders };
  });
  const depth = Math.min(...found.map(({ folders }) => folders.length));
  const top = found.filter(({ folders }) => folders.length === depth);
  const byName = new Map(top.map(({ file }) => [file.name, file]));
  /** @type {Record<string, string>} */
  const texts = {};
  for (const name of TEXT_FILES) {
    const file = byName.get(name);
    if (!file) continue;
    checkTextSize(name, file.size);
    texts[name] = await file.text().catch(() => {
      throw new LateError("dropped-file-unreadable", { file: name });
    });
  }
  /** @type {Map<string, string|null>} */
  const inside = new Map();
  for (const { file } of top) if (kindOf(file.name) === "gguf") inside.set(file.name, await peekArchitecture(file));
  const models = [...byName.keys()].filter((name) => isWeightName(name) && roleOf(name, mmproj, inside) === "model");
  const file = models.length === 1 && !texts[INDEX] ? models[0] : undefined;
  const chosen = chooseWeights(byName.keys(), texts[INDEX], { file, mmproj, inside });
  const weights = chosen.map((name) => {
    const blob = byName.get(name);
    if (!blob) throw new LateError("dropped-file-missing", { file: name });
    const role = roleOf(name, mmproj, inside);
    return {
      ...describe(name, mmproj),
      role,
      size: blob.size,
      sha256: null,
      etag: null,
      dropped: new BlobFile(blob, name),
    };
  });
  const folder = top[0].folders.at(-1);
  return complete({ name: folder ?? chosen[0].replace(/\.\w+$/, ""), texts, weights });
}

/** @param {string} text @returns {Repository|null} */
export function parseName(text) {
  const match = new RegExp(`^(${NAME})(?:@([^@]+?))?(?:/([^/@]+\\.(?:[gG][gG][uU][fF]|safetensors)))?$`).exec(text);
  return match && checked({ name: match[1], revision: match[2] ?? "main", file: match[3] });
}

/** @param {URL} url @param {string} endpoint @returns {Repository|null}  null where the URL is no hub's */
export function parseURL(url, endpoint) {
  const isHub = HUB_HOSTS.includes(url.host);
  if (!isHub && url.origin !== new URL(endpoint).origin) return null;
  const match = new RegExp(`^(${NAME})(?:/(tree|blob|resolve|raw)/(.+))?$`).exec(pathOf(url));
  if (!match) {
    if (!isHub) return null;
    throw new LateError("address-not-a-model", { url: url.href, hub: HUB });
  }
  const [, name, view, rest] = match;
  if (!view || view === "tree") return checked({ name, revision: rest ?? "main" });
  const slash = rest.lastIndexOf("/");
  return checked({ name, revision: slash < 0 ? "main" : rest.slice(0, slash), file: rest.slice(slash + 1) });
}

/** @param {Repository} repository */
function checked(repository) {
  const { revision, file } = repository;
  if (!REVISION.test(revision)) throw new LateError("revision-invalid", { revision: JSON.stringify(revision) });
  if (file !== undefined && !isWeightName(file)) {
    throw new LateError("weight-name-invalid", { name: JSON.stringify(file) });
  }
  return repository;
}

/** @param {Repository} repository @param {Context} context @returns {Promise<Model>} */
async function openRepository({ name, revision, file }, context) {
  const { commit, files, gated } = await listFiles(name, revision, context);
  /** @param {string} path */
  const urlOf = (path) => `${context.hub.endpoint}/${name}/resolve/${commit}/${encodeURIComponent(path)}`;
  /** @type {Record<string, string>} */
  const texts = {};
  const wanted = TEXT_FILES.filter((path) => files.has(path));
  for (const path of wanted) checkTextSize(path, files.get(path)?.size);
  await Promise.all(
    wanted.map(async (path) => {
      texts[path] = await readText(await request(urlOf(path), context));
    }),
  );
  const named = [file, context.mmproj];
  const names = [...files.keys()].filter((path) => isFileName(path) || named.includes(path));
  const chosen = chooseWeights(names, texts[INDEX], { file, mmproj: context.mmproj });
  const weights = await Promise.all(
    chosen.map((path) => {
      const known = files.get(path);
      if (!known) throw new LateError("model-incomplete", { model: name, file: path });
      const { size, sha256 } = known;
      const described = { ...describe(path, context.mmproj), sha256, url: urlOf(path) };
      const isOpen = wanted.length > 0 || !gated;
      return size !== null && isOpen ? { ...described, size, etag: null } : probe(described, context);
    }),
  );
  return complete({ name, texts, weights });
}

/**
 * Asks the hub for a revision's commit and files.
 * @param {string} name
 * @param {string} revision
 * @param {Context} context
 */
async function listFiles(name, revision, context) {
  const { endpoint } = context.hub;
  const url = `${endpoint}/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  /** @type {{sha?: unknown, siblings?: unknown, gated?: unknown}} */
  const { sha, siblings, gated } = (await readJSON(await request(url, context))) ?? {};
  if (typeof sha !== "string" || !COMMIT.test(sha) || !Array.isArray(siblings)) {
    throw new LateError("hub-answer-invalid", { hub: endpoint, repository: name });
  }
  /** @type {Map<string, ListedFacts>} */
  const files = new Map();
  for (const sibling of siblings) {
    /** @type {{rfilename?: unknown, size?: unknown, lfs?: {sha256?: unknown}|null}} */
    const { rfilename, size, lfs } = sibling ?? {};
    const sha256 = lfs?.sha256;
    if (!isPlainName(rfilename)) continue;
    files.set(rfilename, { size: isCount(size) ? size : null, sha256: isSha256(sha256) ? sha256 : null });
  }
  return { commit: sha, files, gated: Boolean(gated) };
}

/** @param {URL} url @param {Context} context @returns {Promise<Model>} */
async function openFolder(url, context) {
  const files = await fetchPartList(url.href, context);
  /** @type {Model} */
  const model = { name: nameOf(url), texts: {}, weights: [] };
  for (const file of files) {
    if (isWeightName(file.name)) {
      const { name, size, sha256, parts } = file;
      model.weights.push({ ...describe(name), size, sha256, etag: null, parts, url: urlInside(url.href, name) });
    } else {
      const bytes = await fetchVerified(urlInside(url.href, file.name), file, context);
      model.texts[file.name] = new TextDecoder().decode(bytes);
    }
  }
  if (!model.weights.length) throw new TinyVLMError("weights-file-missing");
  return complete(model);
}

/** @param {URL} url @param {Context} context @returns {Promise<Model>} */
async function openFile(url, context) {
  const name = nameOf(url);
  /** @type {Record<string, string>} */
  const texts = {};
  if (kindOf(name) === "safetensors") {
    for (const path of TEXT_FILES.filter((path) => path !== INDEX)) {
      const response = await requestOptional(urlBeside(url.href, path), context);
      if (response) texts[path] = await readText(response);
    }
  }
  const names = context.mmproj ? [...piecesOf(name), context.mmproj] : piecesOf(name);
  const weights = await Promise.all(
    names.map((path) => {
      const at = path === name ? url.href : urlBeside(url.href, path);
      return probe({ ...describe(path, context.mmproj), sha256: null, url: at }, context);
    }),
  );
  return complete({ name: name.replace(/\.\w+$/, ""), texts, weights });
}

/** @param {string} name @param {string} [mmproj] */
function describe(name, mmproj) {
  return { name, role: roleOf(name, mmproj), kind: kindOf(name) };
}

/**
 * Learns size and ETag from the first byte of a file.
 * @param {Omit<WeightFacts, "size"|"etag"> & {url: string}} weight
 * @param {Context} context
 * @returns {Promise<ServedWeights>}
 */
async function probe(weight, context) {
  const response = await request(weight.url, context, { headers: { Range: "bytes=0-0" } });
  await response.body?.cancel();
  const partial = response.status === 206;
  const total = partial ? response.headers.get("Content-Range")?.split("/")[1] : response.headers.get("Content-Length");
  const size = Number(total ?? NaN);
  if (!Number.isSafeInteger(size)) {
    throw new LateError("size-unknown", { host: new URL(weight.url).host, file: weight.name });
  }
  return { ...weight, size, etag: validatorOf(response) };
}

/** @param {Model} model */
function complete(model) {
  if (model.weights[0].kind === "safetensors" && !model.texts["config.json"]) {
    throw new LateError("model-incomplete", { model: model.name, file: "config.json" });
  }
  return model;
}

/** @param {string} name @param {number|null} [size]  where it is known */
function checkTextSize(name, size) {
  if (size && size > MAX_TEXT_BYTES) throw new LateError("file-too-large", { file: name, limit: MAX_TEXT_BYTES });
}

/** @param {URL} url */
function nameOf(url) {
  return pathOf(url).split("/").at(-1) || url.host;
}

/** A URL's path without the slashes at its ends. @param {URL} url */
function pathOf({ pathname }) {
  return decoded(pathname.replace(/^\/+|\/+$/g, ""));
}

/**
 * As `request`, but null for what is missing.
 * @param {string} url
 * @param {Context} context
 * @returns {Promise<Response|null>}
 * @throws {TinyVLMError}
 */
async function requestOptional(url, context) {
  const outcome = await lastOutcome(url, context, {});
  if (outcome instanceof Response && outcome.ok) return outcome;
  if (outcome instanceof Response && MISSING.includes(outcome.status)) return null;
  throw refusal(outcome, url, context);
}

/**
 * The URL of a file in the folder of another one, with its query.
 * @param {string} file  URL
 * @param {string} name
 */
function urlBeside(file, name) {
  const url = new URL(file);
  url.pathname = url.pathname.replace(/[^/]*$/, "");
  return urlInside(url.href, name);
}

/** @param {Response} response @throws {TinyVLMError} download-cut-off */
async function readText(response) {
  return whole(response, response.text());
}

/** Null for what is no JSON. @param {Response} response @returns {Promise<unknown>} @throws {TinyVLMError} download-cut-off */
async function readJSON(response) {
  const text = await readText(response);
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** @param {Bytes} bytes */
async function subtleDigest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
