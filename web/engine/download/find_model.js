// One of the site's own models -> its texts and where its weights are to be had. Without a network, a complete copy that is
// kept.

import { findComplete, readText, readTexts } from "./kept_model.js";
import { READER_NAME } from "../shared/manifests.js";
import { isWeightName, kindOf, roleOf } from "../shared/model_files.js";
import { TinyVLMError } from "../shared/errors.js";
import { fetchNow, sleep } from "./request.js";
import { fetchPartList, fetchVerified } from "./small_files.js";

/** @import { KeptFile, WeightFile } from "../shared/model_files.js" */
/** @import { DownloadRequest, Site } from "../shared/protocol.js" */
/** @import { Hasher } from "../shared/sha256.js" */
/** @import { Model } from "./hub.js" */
/** @import { Hub } from "./hub_host.js" */
/** @import { PartStore } from "./part_store.js" */
/** @import { VerifyingContext } from "./small_files.js" */

/** Errors that may only mean that there is no network. */
const NETWORK_ERRORS = [
  ...["host-unreachable", "rate-limited", "download-failed", "download-cut-off", "download-range-wrong"],
  ...["hub-answer-invalid", "size-unknown", "page-download-failed"],
];
/** Errors that tell nothing about a copy that is kept: the hub refuses, or something answers in its place. */
const REFUSALS = [
  ...["token-invalid", "token-without-access", "repository-gated", "repository-not-found", "revision-not-found"],
  ...["part-list-invalid"],
];
/** With a copy at hand, nobody waits longer for the network. */
const PATIENCE_MS = 4000;

/**
 * @typedef {Model & {isCut?: undefined}} NamedModel  its weights are still to be cut into parts
 * @typedef {{name: string, texts: Record<string, string>, weights: KeptFile[], isCut: true}} KeptCopy
 *
 * @typedef {object} Origin
 * @property {boolean} own
 * @property {string|null} source  what it is kept as; null for dropped files
 * @property {Hub|null} hub  where the files may be its
 * @property {() => Promise<boolean>} isStale  whether it has changed on the server since
 *
 * @typedef {(NamedModel|KeptCopy) & Origin} FoundModel
 * @typedef {{store: PartStore|null, hasher: Hasher}} Tools
 * @typedef {(options: DownloadRequest, site: Site, tools: Tools) => Promise<FoundModel>} Find
 */

/** @type {Find} @throws {TinyVLMError} */
export async function findOwnModel(options, site, tools) {
  const name = ownNameOf(options, site);
  if (!name) throw new TinyVLMError("model-not-found", { source: JSON.stringify(options.model) });
  const folder = folderOf(name, options);
  const listed = site.files?.[`models/${name}/parts.json`]?.sha256;
  const context = { sleep, fetch: fetchNow, digest: tools.hasher.digest.bind(tools.hasher) };
  /** @param {VerifyingContext} context */
  const find = (context) => openOwn(options.reader ? READER_NAME : name, folder, listed, context, tools);
  const found = await orKept(folder, find, context, tools).catch((error) => {
    throw options.reader ? error : ownError(error);
  });
  return { ...found, own: true, source: folder, hub: null, isStale: () => hasChanged(folder, found.weights, context) };
}

/**
 * Which of the site's own is asked for, if any; the list of kept models knows them by their folders.
 * @param {DownloadRequest} options
 * @param {Site} site
 */
export function ownNameOf(options, site) {
  if (options.reader) return site.reader;
  const asked = options.model ?? site.default_model;
  return site.models.find((name) => asked === name || asked === folderOf(name, options));
}

/** @param {string} name @param {DownloadRequest} options @returns {string} URL */
function folderOf(name, { site }) {
  return new URL(`models/${encodeURIComponent(name)}/`, site).href;
}

/**
 * Asks the network; where that fails for want of one, or refuses, takes the copy that is kept.
 * @template {VerifyingContext} Context
 * @param {string} source
 * @param {(context: Context) => Promise<Model>} find
 * @param {Context} context
 * @param {Tools} tools
 * @returns {Promise<NamedModel|KeptCopy>}
 */
export async function orKept(source, find, context, { store, hasher }) {
  const kept = store && (await findComplete(source));
  if (!kept) return find(context);
  /** @type {typeof fetchNow} */
  const impatient = (url, init) => fetchNow(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  try {
    return await find({ ...context, fetch: impatient, delays: [] });
  } catch (error) {
    const tellsNothing = isForWantOfNetwork(error) || isRefusal(error);
    const texts = tellsNothing ? await readTexts(kept, store, hasher) : null;
    if (!texts) throw error;
    return { name: kept.name, texts, weights: kept.weights, isCut: true };
  }
}

/**
 * @param {string} name
 * @param {string} folder  URL
 * @param {string|undefined} listed  the part list's sha256, where site.json has it
 * @param {VerifyingContext} context
 * @param {Tools} tools
 * @returns {Promise<Model>}
 */
async function openOwn(name, folder, listed, context, { store, hasher }) {
  const files = await fetchPartList(folder, context, listed);
  /** @type {Record<string, string>} */
  const texts = {};
  /** @type {WeightFile[]} */
  const weights = [];
  await Promise.all(
    files.map(async (file) => {
      if (isWeightName(file.name)) return;
      const kept = await readText(file.sha256, file.size, store, hasher);
      texts[file.name] = new TextDecoder().decode(kept ?? (await fetchVerified(folder + file.name, file, context)));
    }),
  );
  for (const { name, size, sha256, parts } of files.filter((file) => isWeightName(file.name))) {
    weights.push({ name, role: roleOf(name), kind: kindOf(name), size, sha256, etag: null, url: folder + name, parts });
  }
  if (!weights.length) {
    throw new TinyVLMError("weights-file-missing");
  }
  return { name, texts, weights };
}

/**
 * @param {string} folder  URL
 * @param {{name: string, sha256: string|null}[]} weights
 * @param {VerifyingContext} context
 */
async function hasChanged(folder, weights, context) {
  const files = await fetchPartList(folder, { ...context, delays: [] }).catch(() => null);
  if (!files) return false;
  /** @param {string} name */
  const hashOf = (name) => files.find((file) => file.name === name)?.sha256;
  return weights.some(({ name, sha256 }) => hashOf(name) !== sha256);
}

/** @param {unknown} error @returns {error is TinyVLMError} */
function isForWantOfNetwork(error) {
  return error instanceof TinyVLMError && NETWORK_ERRORS.includes(error.code);
}

/** @param {unknown} error */
function isRefusal(error) {
  return error instanceof TinyVLMError && REFUSALS.includes(error.code);
}

/** What a person can do about the site's own model is always the same. @param {unknown} error */
export function ownError(error) {
  return isForWantOfNetwork(error) ? new TinyVLMError("model-download-failed") : error;
}
