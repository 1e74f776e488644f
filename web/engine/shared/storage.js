// The models that this browser keeps, for the page and for workers: what there is, what it takes, and how it goes.
// OPFS, under a folder "tinyvlm": models/ID.json (manifests.js) and parts/KEY (part_store.js).

import { decodeManifest, partsNamed } from "./manifests.js";
import { TinyVLMError } from "./errors.js";

/** @import { Manifest } from "./manifests.js" */

const ROOT = "tinyvlm";
const SUFFIX = ".json";

/**
 * @typedef {object} KeptModel
 * @property {string} id
 * @property {string} name
 * @property {string} source  what it was asked for as
 * @property {number} bytes  on disk
 * @property {boolean} complete  it can be used offline
 * @property {string} saved  ISO date
 */

/** @returns {Promise<KeptModel[]>}  the newest first */
export async function listModels() {
  const sizes = await partSizes();
  const models = (await readManifests()).map((manifest) => {
    const named = partsNamed(manifest);
    const keys = new Set(named.map(({ key }) => key));
    const bytes = [...keys].reduce((sum, key) => sum + (sizes.get(key) ?? 0), 0);
    const complete = named.every(({ key, length }) => sizes.get(key) === length);
    const { id, name, source, saved } = manifest;
    return { id, name, source, bytes, complete, saved };
  });
  return models.sort((a, b) => (a.saved < b.saved ? 1 : -1));
}

/**
 * Removes a model, and of its parts those that no other model shares.
 * @param {string} id
 * @throws {TinyVLMError} model-in-use
 */
export async function deleteModel(id) {
  await removeManifests((manifest) => manifest === id);
  await removeUnnamedParts({ strict: true });
}

/** @throws {TinyVLMError} model-in-use */
export async function deleteAll() {
  await removeManifests(() => true);
  await removeUnnamedParts({ strict: true });
}

/** Bytes that this page takes and may take; persisted: the browser does not remove them by itself. */
export async function usage() {
  const { usage = 0, quota = 0 } = (await navigator.storage?.estimate?.().catch(() => null)) ?? {};
  const persisted = (await navigator.storage?.persisted?.().catch(() => false)) ?? false;
  return { usage, quota, persisted };
}

/** Asks the browser never to remove what is kept by itself; for the page alone. @returns {Promise<boolean>} */
export async function persist() {
  // Missing in workers.
  const manager = /** @type {StorageManager & {persist?: () => Promise<boolean>}} */ (navigator.storage);
  return (await manager?.persist?.().catch(() => false)) ?? false;
}

/**
 * @param {FileSystemGetDirectoryOptions} [options]
 * @returns {Promise<FileSystemDirectoryHandle>}  rejects where there is none, or no OPFS
 */
export async function partsFolder(options) {
  return folder("parts", options);
}

/** @returns {Promise<Manifest[]>}  the damaged ones left out */
export async function readManifests() {
  const models = await folder("models").catch(() => null);
  const manifests = [];
  for await (const [name, handle] of models?.entries() ?? []) {
    const manifest = await whileLocked(`model-${name}`, async () => {
      const file = await fileOf(handle);
      return file && decodeManifest(await file.arrayBuffer());
    });
    if (manifest && name === manifest.id + SUFFIX) manifests.push(manifest);
  }
  return manifests;
}

/**
 * Does something to a manifest's file, which is made if need be, and which nobody else reads or writes meanwhile.
 * @param {string} id
 * @param {(file: FileSystemFileHandle) => Promise<void>} work
 */
export async function changeManifest(id, work) {
  const models = await folder("models", { create: true });
  const name = id + SUFFIX;
  await whileLocked(`model-${name}`, async () => work(await models.getFileHandle(name, { create: true })));
}

/** Removes the manifests whose id is chosen. @param {(id: string) => boolean} isChosen */
export async function removeManifests(isChosen) {
  const models = await folder("models").catch(() => null);
  if (!models) return;
  const names = [];
  for await (const name of models.keys()) names.push(name);
  for (const name of names.filter((name) => isChosen(name.slice(0, -SUFFIX.length)))) {
    await whileLocked(`model-${name}`, () => models.removeEntry(name).catch(() => {})); // gone already
  }
}

/**
 * Removes the parts that no manifest names. Manifests are written before their parts, so they are read after them.
 * @param {{strict?: boolean}} [options]  strict: a part that is being read or written is an error, else it stays
 */
export async function removeUnnamedParts({ strict = false } = {}) {
  const sizes = await partSizes();
  const named = new Set((await readManifests()).flatMap((manifest) => partsNamed(manifest).map(({ key }) => key)));
  const parts = await partsFolder().catch(() => null);
  if (!parts) return;
  let isUsed = false;
  for (const key of [...sizes.keys()].filter((key) => !named.has(key))) {
    await parts.removeEntry(key).catch((error) => {
      isUsed ||= error.name === "NoModificationAllowedError";
    });
  }
  if (isUsed && strict) {
    throw new TinyVLMError("model-in-use");
  }
}

/** @returns {Promise<Map<string, number>>}  key -> bytes */
async function partSizes() {
  const parts = await partsFolder().catch(() => null);
  const sizes = new Map();
  for await (const [key, handle] of parts?.entries() ?? []) {
    const file = await fileOf(handle);
    if (file) sizes.set(key, file.size);
  }
  return sizes;
}

/**
 * The file, or null for one that was removed meanwhile.
 * @param {FileSystemHandle} handle
 * @returns {Promise<File|null>}
 */
async function fileOf(handle) {
  return handle instanceof FileSystemFileHandle ? handle.getFile().catch(() => null) : null;
}

/** @param {"models"|"parts"} name @param {FileSystemGetDirectoryOptions} [options] */
async function folder(name, options) {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle(ROOT, options)).getDirectoryHandle(name, options);
}

/**
 * Does what no other tab does at the same time. Where the browser refuses locks, as with blocked cookies, it is done all
 * the same: files that are open for writing cannot be opened again.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function whileLocked(name, work) {
  let hasBegun = false;
  const begin = () => {
    hasBegun = true;
    return work();
  };
  try {
    return await navigator.locks.request(`tinyvlm-${name}`, begin);
  } catch (error) {
    if (hasBegun) throw error;
    return work();
  }
}
