// A model on its way from a server to the disk: its parts' keys, its manifest, and what goes once it is complete.

import { encodeManifest } from "../shared/manifests.js";
import { partsOf } from "./parts.js";
import { StorageFailure } from "./part_store.js";
import { changeManifest, listModels, readManifests, removeManifests, removeUnnamedParts } from "../shared/storage.js";

/** @import { Manifest } from "../shared/manifests.js" */
/** @import { CutFile, KeptFile, Part, WeightFile } from "../shared/model_files.js" */
/** @import { Bytes } from "../shared/protocol.js" */
/** @import { Hasher } from "../shared/sha256.js" */
/** @import { PartStore } from "./part_store.js" */

const ID_DIGITS = 32;
/** The hub's files by commit never change. */
const BY_COMMIT = /\/resolve\/[0-9a-f]{40}\//;

/**
 * Cuts files into parts; without a store, or for what may change unnoticed, they get no keys.
 * @param {WeightFile[]} weights
 * @param {PartStore|null} store
 * @param {Hasher} hasher
 * @returns {Promise<CutFile[]>}
 */
export async function cutWeights(weights, store, hasher) {
  return Promise.all(
    weights.map(async (weight) => {
      const parts = partsOf(weight);
      const identity = store && !weight.dropped ? identityOf(weight) : null;
      /** @param {Part} part */
      const keyOf = ({ offset, length, sha256 }) => sha256 ?? keyFor(`${identity} ${offset} ${length}`, hasher);
      const keys = await Promise.all(parts.map((part) => (identity ? keyOf(part) : null)));
      const verified = parts.every(({ sha256 }) => sha256 !== null);
      return { ...weight, verified, parts: parts.map((part, index) => ({ ...part, key: keys[index] })) };
    }),
  );
}

/** @param {{url: string, size: number, sha256: string|null, etag: string|null}} weight */
function identityOf({ url, size, sha256, etag }) {
  if (sha256) return sha256;
  return etag || BY_COMMIT.test(url) ? `${url} ${size} ${etag}` : null;
}

/** @param {string} text @param {Hasher} hasher */
function keyFor(text, hasher) {
  return hasher.digest(new TextEncoder().encode(text));
}

/** The manifest of a complete copy, the newest. @param {string} source @returns {Promise<Manifest|null>} */
export async function findComplete(source) {
  const complete = (await listModels()).filter((model) => model.source === source && model.complete);
  const manifests = await readManifests();
  return manifests.find(({ id }) => id === complete[0]?.id) ?? null;
}

/**
 * The texts of a kept model, or null where one is damaged.
 * @param {Manifest} manifest
 * @param {PartStore} store
 * @param {Hasher} hasher
 */
export async function readTexts(manifest, store, hasher) {
  /** @type {Record<string, string>} */
  const texts = {};
  for (const { name, key, size } of manifest.texts) {
    const bytes = await readText(key, size, store, hasher);
    if (!bytes) return null;
    texts[name] = new TextDecoder().decode(bytes);
  }
  return texts;
}

/**
 * A text by its sha256, or null.
 * @param {string} key
 * @param {number} size
 * @param {PartStore|null} store
 * @param {Hasher} hasher
 */
export async function readText(key, size, store, hasher) {
  if (!store || (await store.size(key)) !== size) return null;
  const bytes = await store.use(key, async (part) => part.read()).catch(() => null);
  return bytes && (await hasher.digest(bytes)) === key ? bytes : null;
}

export class KeptModel {
  #manifest;
  #weights;
  #saving = Promise.resolve();

  /**
   * Takes over what an earlier load has recorded, and writes the texts.
   * @param {{name: string, source: string, texts: Record<string, string>}} model
   * @param {KeptFile[]} weights  get the hashes that are known
   * @param {PartStore} store
   * @param {Hasher} hasher
   * @throws {StorageFailure}
   */
  static async open({ name, source, texts }, weights, store, hasher) {
    const sorted = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
    const encoded = await Promise.all(
      sorted.map(async ([name, text]) => {
        const bytes = new TextEncoder().encode(text);
        return { name, bytes, size: bytes.byteLength, key: await hasher.digest(bytes) };
      }),
    );
    const keys = [...encoded, ...weights.flatMap(({ parts }) => parts)].map(({ key }) => key);
    const id = (await keyFor([source, ...keys].join(" "), hasher)).slice(0, ID_DIGITS);
    const earlier = (await readManifests()).find((manifest) => manifest.id === id);
    earlier?.weights.forEach((file, index) => adopt(file, weights[index]));
    const described = encoded.map(({ name, size, key }) => ({ name, size, key }));
    const saved = earlier?.saved ?? new Date().toISOString();
    const kept = new KeptModel({ id, name, source, saved, texts: described }, weights);
    if (!earlier) await kept.save();
    for (const { key, bytes } of encoded) {
      if (await readText(key, bytes.byteLength, store, hasher)) continue;
      await store.use(key, async (part) => {
        part.clear();
        part.append(bytes);
      });
    }
    return kept;
  }

  /** @param {Omit<Manifest, "weights">} manifest @param {KeptFile[]} weights */
  constructor(manifest, weights) {
    this.#manifest = manifest;
    this.#weights = weights;
  }

  /** Writes the manifest with the hashes that are known by now. @throws {StorageFailure} */
  save() {
    const weights = this.#weights.map(({ name, role, kind, size, sha256, etag, url, verified, parts }) => {
      return { name, role, kind, size, sha256, etag, url, verified, parts };
    });
    this.#saving = this.#saving
      .catch(() => {})
      .then(async () => writeManifest(this.#manifest.id, await encodeManifest({ ...this.#manifest, weights })))
      .catch((error) => {
        throw new StorageFailure("The manifest cannot be written.", { cause: error });
      });
    return this.#saving;
  }

  /** What was recorded is on the disk. */
  async settled() {
    await this.#saving.catch(() => {}); // then the next load records it
  }

  /** All parts are there: earlier versions go, and whatever no manifest names. */
  async removeOthers() {
    const { id, source } = this.#manifest;
    const others = (await readManifests()).filter((manifest) => manifest.source === source && manifest.id !== id);
    await removeManifests((other) => others.some((manifest) => manifest.id === other));
    await removeUnnamedParts();
  }
}

/** @param {KeptFile} file  as it was recorded @param {KeptFile} weight */
function adopt(file, weight) {
  weight.verified ||= file.verified;
  file.parts.forEach(({ sha256 }, index) => {
    weight.parts[index].sha256 ??= sha256;
  });
}

/** @param {CutFile[]} weights @returns {weights is KeptFile[]}  whether all their parts have keys */
export function canBeKept(weights) {
  return weights.every(({ dropped, parts }) => !dropped && parts.every(({ key }) => key !== null));
}

/** @param {string} id @param {Bytes} bytes  from `encodeManifest` */
async function writeManifest(id, bytes) {
  await changeManifest(id, async (file) => {
    const handle = await file.createSyncAccessHandle();
    try {
      handle.write(bytes, { at: 0 });
      handle.truncate(bytes.byteLength);
      handle.flush();
    } finally {
      handle.close();
    }
  });
}
