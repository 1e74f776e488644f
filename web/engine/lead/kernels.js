// The kernels in this worker: picks a build that this engine validates, makes the one memory, starts helpers.

import { TinyVLMError } from "../shared/errors.js";
import { startHelpers } from "./threads.js";

const VARIANTS = ["relaxed", "simd128"];
const INITIAL_PAGES = 16;
// 2 GiB where the engine reserves that much address space, less on small devices.
const MAXIMUM_PAGES = [32768, 16384, 8192];
const MAX_THREADS = 8;

/**
 * @typedef {object} Kernels
 * @property {WebAssembly.Exports} exports
 * @property {WebAssembly.Memory} memory
 * @property {"relaxed"|"simd128"} variant
 * @property {number} threads
 * @property {string} threadsReason  why this many, for people
 * @property {number} activationMode  see wasm-kernels/engine.h
 * @property {(address: number, data: any) => void} write  copies a Uint8Array or a Python buffer in
 * @property {(address: number, nbytes: number) => Uint8Array} read  copies out
 */

/**
 * @param {Record<string, string>} urls  variant -> absolute URL
 * @param {{threads?: number, simd?: string, activationBits?: number, onProgress: (bytes: number, done: boolean) => void}} options
 * @returns {Promise<Kernels>}
 */
export async function createKernels(urls, options) {
  const { module, variant } = await compile(urls, options);
  const memory = createMemory();
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports._initialize();
  const activationMode = chooseActivationMode(exports, options.activationBits);
  exports.set_activation_mode(activationMode);
  const { wanted, reason } = chooseThreads(options.threads);
  const threads = await startHelpers(module, memory, exports, wanted);
  const threadsReason = threads === wanted ? reason : `${wanted - threads} helper threads could not start`;
  // Fresh views each time: growing the memory leaves old ones short.
  const bytes = () => new Uint8Array(memory.buffer);
  const write = (address, data) => {
    if (data instanceof Uint8Array) {
      bytes().set(data, address);
      return;
    }
    const buffer = data.getBuffer("u8");
    bytes().set(buffer.data, address);
    buffer.release();
  };
  const read = (address, nbytes) => bytes().slice(address, address + nbytes);
  return { exports, memory, variant, threads, threadsReason, activationMode, write, read };
}

async function compile(urls, { simd, onProgress }) {
  for (const variant of simd ? [simd] : VARIANTS) {
    if (!urls[variant]) {
      throw new TinyVLMError("bad-argument", { name: "simd", expected: VARIANTS.join(", "), value: variant });
    }
    const bytes = await fetchBytes(urls[variant]);
    // WebKit lacks relaxed SIMD; validating the very binary is the one sure detector.
    if (WebAssembly.validate(bytes)) {
      onProgress(bytes.byteLength, true);
      return { module: await WebAssembly.compile(bytes), variant };
    }
  }
  throw new TinyVLMError("simd-missing");
}

async function fetchBytes(url) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new TinyVLMError("page-download-failed", { file: url.split("/").at(-1) });
  return new Uint8Array(await response.arrayBuffer());
}

function createMemory() {
  for (const maximum of MAXIMUM_PAGES) {
    try {
      return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum, shared: true });
    } catch {
      // the next smaller one
    }
  }
  throw new TinyVLMError("memory-refused");
}

// 7 bits, mode 0, are right everywhere; the probe finds out whether this engine's dot product takes 8.
function chooseActivationMode(exports, bits) {
  if (bits !== undefined && bits !== 7) {
    throw new TinyVLMError("bad-argument", { name: "activationBits", expected: "7", value: bits });
  }
  return bits === 7 ? 0 : exports.probe_activation_mode();
}

function chooseThreads(asked) {
  if (!self.crossOriginIsolated) {
    return { wanted: 1, reason: "one thread: the server does not send the headers that threads need (COOP, COEP)" };
  }
  if (asked) {
    return { wanted: Math.min(asked, MAX_THREADS), reason: "as asked" };
  }
  const cores = navigator.hardwareConcurrency || 1;
  return { wanted: Math.min(cores, MAX_THREADS), reason: `one for each core, at most ${MAX_THREADS}` };
}
