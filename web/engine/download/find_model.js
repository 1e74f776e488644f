// What the page asks for -> a model's texts and where its weights are to be had: one of the site's own models, dropped
// files, or whatever hub.js finds. Without a network, a complete copy that is kept.

import { fromFiles, resolveModel } from "./hub.js";
import { findComplete, readText, readTexts } from "./kept_model.js";
import { isWeightName, kindOf, roleOf } from "../shared/model_files.js";
import { TinyVLMError } from "../shared/errors.js";
import { HUB, sleep } from "./request.js";
import { fetchPartList, fetchVerified } from "./small_files.js";

/** Errors that may only mean that there is no network. */
const NETWORK_ERRORS = [
  ...["host-unreachable", "rate-limited", "download-failed", "download-cut-off", "download-range-wrong"],
  ...["hub-answer-invalid", "size-unknown", "page-download-failed"],
];
/** With a copy at hand, nobody waits longer for the network. */
const PATIENCE_MS = 4000;

/**
 * @typedef {object} FoundModel
 * @property {string} name
 * @property {boolean} own
 * @property {string|null} source  what it is kept as; null for dropped files
 * @property {Record<string, string>} texts
 * @property {import("../shared/model_files.js").WeightFile[]} weights
 * @property {boolean} [isCut]  weights are `CutFile`s already
 * @property {() => Promise<boolean>} isStale  whether it has changed on the server since
 */

/**
 * @param {{site: string, model?: string, files?: File[], hub?: string, token?: string}} options
 * @param {object} site  site.json
 * @param {{store: import("./part_store.js").PartStore|null, hasher: import("../shared/sha256.js").Hasher}} tools
 * @returns {Promise<FoundModel>}
 * @throws {TinyVLMError}
 */
export async function findModel({ site: base, model, files, hub, token }, site, tools) {
  if (files) return { ...(await fromFiles(files)), own: false, source: null, isStale: async () => false };
  const asked = model ?? site.default_model;
  const digest = (bytes) => tools.hasher.digest(bytes);
  const context = { endpoint: (hub ?? HUB).replace(/\/+$/, ""), token, digest, sleep, fetch: fetchNow };
  const folderOf = (name) => new URL(`models/${encodeURIComponent(name)}/`, base).href;
  // The list of kept models knows them by their folders.
  const name = site.models.find((name) => asked === name || asked === folderOf(name));
  if (!name) {
    const found = await online(asked, (context) => resolveModel(asked, context), context, tools);
    return { ...found, own: false, source: asked, isStale: async () => false };
  }
  const folder = folderOf(name);
  const listed = site.files?.[`models/${name}/parts.json`]?.sha256;
  const find = (context) => openOwn(name, folder, listed, context, tools);
  const found = await online(folder, find, context, tools).catch((error) => {
    throw ownError(error);
  });
  return { name, own: true, source: folder, ...found, isStale: () => hasChanged(folder, found.weights, context) };
}

/** Asks the network; where that fails for want of one, takes the copy that is kept. */
async function online(source, find, context, tools) {
  const kept = tools.store && (await findComplete(source));
  if (!kept) return find(context);
  const impatient = (url, init) => fetchNow(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  try {
    return await find({ ...context, fetch: impatient, delays: [] });
  } catch (error) {
    const texts = NETWORK_ERRORS.includes(error.code) ? await readTexts(kept, tools.store, tools.hasher) : null;
    if (!texts) throw error;
    return { name: kept.name, texts, weights: kept.weights, isCut: true };
  }
}

async function openOwn(name, folder, listed, context, { store, hasher }) {
  const files = await fetchPartList(folder, context, listed);
  const texts = {};
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

async function hasChanged(folder, weights, context) {
  const files = await fetchPartList(folder, { ...context, delays: [] }).catch(() => null);
  const hashOf = (name) => files.find((file) => file.name === name)?.sha256;
  return files !== null && weights.some(({ name, sha256 }) => hashOf(name) !== sha256);
}

/** What a person can do about the site's own model is always the same. @param {TinyVLMError} error */
export function ownError(error) {
  return NETWORK_ERRORS.includes(error.code) ? new TinyVLMError("model-download-failed") : error;
}

function fetchNow(...request) {
  return globalThis.fetch(...request);
}
