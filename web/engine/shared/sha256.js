// SHA-256 of bytes in memory and of files that pass by: the browser's own where it serves, else the kernels'.

import { TinyVLMError } from "./errors.js";
import { instantiate } from "./kernel_instance.js";

/** @import { KernelExports } from "./kernel_instance.js" */
/** @import { Bytes } from "./protocol.js" */

const INITIAL_PAGES = 16;
/** Small: browsers allow few memories that might grow large. */
const MAXIMUM_PAGES = 32;
const BUFFER_BYTES = 2 ** 16;
const HASH_BYTES = 32;

/**
 * @typedef {{update: (bytes: Uint8Array) => void, digest: () => string}} RunningHash  `digest` ends it
 * @typedef {{exports: KernelExports, memory: WebAssembly.Memory, buffer: number}} HashKernel  `buffer`: where bytes go
 *   in, and the hash comes out
 */

export class Hasher {
  #kernelURL;
  /** @type {Promise<HashKernel>|null} */
  #kernel = null;

  /** @param {string} kernelURL  of the simd128 build, fetched when it is needed */
  constructor(kernelURL) {
    this.#kernelURL = kernelURL;
  }

  /** @param {Bytes} bytes @returns {Promise<string>} in hex */
  async digest(bytes) {
    if (globalThis.crypto?.subtle) return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
    const hash = await this.start();
    hash.update(bytes);
    return hash.digest();
  }

  /** @returns {Promise<RunningHash>} */
  async start() {
    this.#kernel ??= startKernel(this.#kernelURL);
    const { exports, memory, buffer } = await this.#kernel;
    const state = exports.heap_alloc(exports.sha256_state_size());
    exports.sha256_start(state);
    /** @param {number} length */
    const view = (length) => new Uint8Array(memory.buffer, buffer, length);
    return {
      update(bytes) {
        for (let at = 0; at < bytes.byteLength; at += BUFFER_BYTES) {
          const chunk = bytes.subarray(at, at + BUFFER_BYTES);
          view(chunk.byteLength).set(chunk);
          exports.sha256_update(state, buffer, chunk.byteLength);
        }
      },
      digest() {
        exports.sha256_finish(state, buffer);
        exports.heap_free(state);
        return toHex(view(HASH_BYTES));
      },
    };
  }
}

/** @param {string} url @returns {Promise<HashKernel>} */
async function startKernel(url) {
  try {
    const response = await fetch(url);
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES, shared: true });
    const exports = instantiate(await WebAssembly.compile(await response.arrayBuffer()), memory);
    return { exports, memory, buffer: exports.heap_alloc(BUFFER_BYTES) };
  } catch {
    throw new TinyVLMError("page-download-failed", { file: url.split("/").at(-1) });
  }
}

/** @param {Uint8Array} bytes */
function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
