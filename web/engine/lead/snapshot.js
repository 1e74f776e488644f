// Pyodide's memory with the package imported, kept in the origin private file system from one visit to the next.
//
// A file is named after the files that the memory was made from and begins with the sha256 of the rest. What does not
// fit is made again, in its place: a snapshot only ever saves time.

/** @import { Bytes } from "../shared/protocol.js" */

/**
 * What `createSyncAccessHandle` takes is newer than TypeScript's list.
 * @typedef {{createSyncAccessHandle: (options: {mode: "read-only"}) => Promise<FileSystemSyncAccessHandle>}} SharedFile
 */

const FOLDERS = ["tinyvlm", "snapshots"];
const DIGEST_BYTES = 32;
// Pyodide never comes back from a memory that is smaller than the one it starts with.
const LEAST_BYTES = 20 << 20;

/**
 * @param {string[]} sources  what a snapshot depends on, hashes included
 * @returns {Promise<SnapshotStore|null>}  null where the browser keeps nothing: plain http, some private windows
 */
export async function openSnapshots(sources) {
  try {
    let folder = await navigator.storage.getDirectory();
    for (const name of FOLDERS) folder = await folder.getDirectoryHandle(name, { create: true });
    const key = await sha256(new TextEncoder().encode(sources.join("\n")));
    return new SnapshotStore(folder, Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join(""));
  } catch {
    return null;
  }
}

/** For the snapshot of one name. */
export class SnapshotStore {
  #folder;
  #name;

  /** @param {FileSystemDirectoryHandle} folder @param {string} name */
  constructor(folder, name) {
    this.#folder = folder;
    this.#name = name;
  }

  /**
   * @returns {Promise<FileSystemSyncAccessHandle|null>}  for `read`; null where there is none, or another tab writes it
   */
  async find() {
    try {
      /** @type {FileSystemFileHandle & SharedFile} */
      const file = await this.#folder.getFileHandle(this.#name);
      return await file.createSyncAccessHandle({ mode: "read-only" });
    } catch {
      return null;
    }
  }

  /** @param {FileSystemSyncAccessHandle} found @returns {Promise<Bytes>}  verified; throws otherwise */
  async read(found) {
    let bytes;
    try {
      bytes = new Uint8Array(found.getSize());
      found.read(bytes, { at: 0 });
    } finally {
      found.close();
    }
    const snapshot = bytes.subarray(DIGEST_BYTES);
    if (snapshot.length < LEAST_BYTES) throw new Error("the snapshot is cut short");
    const digest = await sha256(snapshot);
    if (digest.some((byte, at) => byte !== bytes[at])) throw new Error("the snapshot is damaged");
    return snapshot;
  }

  /** Keeps a snapshot in place of all others; where that fails, none. @param {Bytes} snapshot */
  async keep(snapshot) {
    try {
      const digest = await sha256(snapshot);
      await this.#drop();
      const file = await this.#folder.getFileHandle(this.#name, { create: true });
      const handle = await file.createSyncAccessHandle();
      try {
        handle.write(digest, { at: 0 });
        handle.write(snapshot, { at: DIGEST_BYTES });
        handle.flush();
      } finally {
        handle.close();
      }
    } catch {
      await this.#drop();
    }
  }

  /** Deletes every snapshot that no other tab is using. */
  async #drop() {
    try {
      for await (const name of this.#folder.keys()) await this.#folder.removeEntry(name).catch(() => {});
    } catch {
      // The folder itself is gone.
    }
  }
}

/** @param {Bytes} bytes */
async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
