// Where a worker keeps parts: one OPFS file a part, which grows as bytes come, so that its size is how far the part is.
// Whoever opens a part holds its Web Lock, where there are locks: a second tab waits, then finds the bytes there.

import { partsFolder, whileLocked } from "../shared/storage.js";

/** @import { Bytes } from "../shared/protocol.js" */

const BUSY_RETRIES = 20;
const BUSY_WAIT_MS = 100;

/** The browser keeps no more. `cause` tells why. */
export class StorageFailure extends Error {}

/**
 * A part while it is open. What fails is a StorageFailure.
 * @typedef {object} OpenPart
 * @property {() => number} size  bytes that are there
 * @property {(chunk: Bytes) => void} append
 * @property {() => Bytes} read  all of it
 * @property {() => void} clear
 */

export class PartStore {
  #folder;

  /** @returns {Promise<PartStore|null>}  null where the browser keeps no files for this page */
  static async open() {
    const folder = await partsFolder({ create: true }).catch(() => null);
    return folder && new PartStore(folder);
  }

  /** @param {FileSystemDirectoryHandle} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /** Bytes that are there of a part. @param {string} key @returns {Promise<number>} */
  async size(key) {
    const handle = await this.#folder.getFileHandle(key).catch(() => null);
    const file = await handle?.getFile().catch(() => null);
    return file?.size ?? 0;
  }

  /**
   * Opens a part, for nobody else at the same time.
   * @template T
   * @param {string} key
   * @param {(part: OpenPart) => Promise<T>} work
   * @returns {Promise<T>}
   * @throws {StorageFailure}
   */
  async use(key, work) {
    return whileLocked(`part-${key}`, async () => {
      const handle = await this.#open(key);
      try {
        return await work(new DiskPart(handle));
      } finally {
        handle.close();
      }
    });
  }

  /** @param {string} key */
  async #open(key) {
    for (let tries = 0; ; tries++) {
      try {
        const file = await this.#folder.getFileHandle(key, { create: true });
        return await file.createSyncAccessHandle();
      } catch (error) {
        // A tab that was killed gives its lock back a moment before its files.
        const isBusy = error instanceof DOMException && error.name === "NoModificationAllowedError";
        if (!isBusy || tries === BUSY_RETRIES) throw new StorageFailure("A part cannot be opened.", { cause: error });
        await new Promise((resolve) => setTimeout(resolve, BUSY_WAIT_MS));
      }
    }
  }
}

/** @implements {OpenPart} */
class DiskPart {
  #handle;
  #size;

  /** @param {FileSystemSyncAccessHandle} handle */
  constructor(handle) {
    this.#handle = handle;
    this.#size = handle.getSize();
  }

  size() {
    return this.#size;
  }

  /** @param {Bytes} chunk */
  append(chunk) {
    const written = attempt(() => this.#handle.write(chunk, { at: this.#size }));
    this.#size += written;
    if (written < chunk.byteLength) throw new StorageFailure("The disk is full.");
  }

  read() {
    const bytes = new Uint8Array(this.#size);
    const read = attempt(() => this.#handle.read(bytes, { at: 0 }));
    return bytes.subarray(0, read);
  }

  clear() {
    attempt(() => this.#handle.truncate(0));
    this.#size = 0;
  }
}

/**
 * @template T
 * @param {() => T} work
 * @returns {T}
 */
function attempt(work) {
  try {
    return work();
  } catch (error) {
    throw new StorageFailure("The disk is full, or fails.", { cause: error });
  }
}

/** A part that is held in memory alone. @implements {OpenPart} */
export class MemoryPart {
  #bytes;
  #size = 0;

  /** @param {number} length */
  constructor(length) {
    this.#bytes = new Uint8Array(length);
  }

  size() {
    return this.#size;
  }

  /** @param {Bytes} chunk */
  append(chunk) {
    this.#bytes.set(chunk, this.#size);
    this.#size += chunk.byteLength;
  }

  /** The part's own memory, not a copy. */
  read() {
    return this.#bytes.subarray(0, this.#size);
  }

  clear() {
    this.#size = 0;
  }
}
