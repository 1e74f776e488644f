// The kernels in this worker: picks a build that this engine validates, makes the one memory, starts helpers.

import { instantiate } from "../shared/kernel_instance.js";
import { TinyVLMError } from "../shared/errors.js";
import { fetchPageBytes } from "../shared/page_file.js";
import { startHelpers } from "./threads.js";

/** @import { KernelExports } from "../shared/kernel_instance.js" */
/** @import { EngineOptions, Variant } from "../shared/protocol.js" */

/** @type {Variant[]} */
const VARIANTS = ["relaxed", "simd128"];
const PAGE_BYTES = 65536;
const INITIAL_PAGES = 16;
// 2 GiB where the engine reserves that much address space, less on small devices.
const MAXIMUM_PAGES = [32768, 16384, 8192];
const MAX_THREADS = 8;

/**
 * @typedef {object} Kernels
 * @property {KernelExports} exports
 * @property {WebAssembly.Memory} memory
 * @property {Variant} variant
 * @property {number} threads
 * @property {string} threadsReason  why this many: "not-isolated", "as-asked", "one-a-core" or "not-started"
 * @property {number} activationMode  see wasm-kernels/engine.h
 * @property {number} memoryLimit  bytes that the memory can ever hold
 * @property {(address: number, data: Uint8Array|PythonBuffer) => void} write  copies in
 * @property {(address: number, nbytes: number) => Uint8Array} read  copies out
 *
 * @typedef {{getBuffer: (type: "u8") => {data: Uint8Array, release: () => void}}} PythonBuffer  as Pyodide shows an
 *   object with the buffer protocol
 *
 * @typedef {EngineOptions & {onProgress: (nbytes: number, done: boolean) => void}} KernelOptions
 */

/**
 * @param {Record<string, string>} urls  variant -> absolute URL
 * @param {KernelOptions} options
 * @returns {Promise<Kernels>}
 */
export async function createKernels(urls, options) {
  const { module, variant } = await compile(urls, options);
  const { memory, maximum } = createMemory();
  const exports = instantiate(module, memory);
  const activationMode = chooseActivationMode(exports, options.activationBits);
  exports.set_activation_mode(activationMode);
  const { wanted, reason } = chooseThreads(options.threads);
  const threads = await startHelpers(module, memory, exports, wanted);
  const threadsReason = threads === wanted ? reason : "not-started";
  // Fresh views each time: growing the memory leaves old ones short.
  const bytes = () => new Uint8Array(memory.buffer);
  /** @type {Kernels["write"]} */
  const write = (address, data) => {
    if (data instanceof Uint8Array) {
      bytes().set(data, address);
      return;
    }
    const buffer = data.getBuffer("u8");
    bytes().set(buffer.data, address);
    buffer.release();
  };
  /** @type {Kernels["read"]} */
  const read = (address, nbytes) => bytes().slice(address, address + nbytes);
  return {
    exports,
    memory,
    variant,
    threads,
    threadsReason,
    activationMode,
    memoryLimit: maximum * PAGE_BYTES,
    write,
    read,
  };
}

/** @param {Record<string, string>} urls @param {KernelOptions} options */
async function compile(urls, { simd, onProgress }) {
  for (const variant of simd ? [simd] : VARIANTS) {
    if (!urls[variant]) {
      throw new TinyVLMError("bad-argument", { name: "simd", expected: VARIANTS.join(", "), value: variant });
    }
    const bytes = await fetchPageBytes(urls[variant]);
    // WebKit lacks relaxed SIMD; validating the very binary is the one sure detector.
    if (WebAssembly.validate(bytes)) {
      onProgress(bytes.byteLength, true);
      return { module: await WebAssembly.compile(bytes), variant };
    }
  }
  throw new TinyVLMError("simd-missing");
}

function createMemory() {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return { memory: new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true }), maximum };
    } catch {
      // the next smaller one
    }
  }
  throw new TinyVLMError("memory-refused");
}

/**
 * 7 bits, mode 0, are right everywhere; the probe finds out whether this browser's dot product takes 8.
 * @param {KernelExports} exports
 * @param {number} [bits]
 */
function chooseActivationMode(exports, bits) {
  if (bits !== undefined && bits !== 7) {
    throw new TinyVLMError("bad-argument", { name: "activationBits", expected: "7", value: bits });
  }
  return bits === 7 ? 0 : exports.probe_activation_mode();
}

/** @param {number} [asked] */
function chooseThreads(asked) {
  if (!self.crossOriginIsolated) {
    return { wanted: 1, reason: "not-isolated" };
  }
  if (asked) {
    return { wanted: Math.min(asked, MAX_THREADS), reason: "as-asked" };
  }
  const cores = navigator.hardwareConcurrency || 1;
  return { wanted: Math.min(cores, MAX_THREADS), reason: "one-a-core" };
}
