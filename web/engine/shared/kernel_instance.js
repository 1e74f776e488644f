// The kernels, made to run on a memory, and what JavaScript calls of them; Python calls the others.

/**
 * See wasm-kernels/engine.c, heap.c, probe.c and sha256.c. Addresses and sizes are in bytes.
 * @typedef {object} KernelExports
 * @property {() => void} _initialize
 * @property {(address: number) => void} _emscripten_stack_restore
 * @property {(index: number) => void} helper_main  a helper's whole life
 * @property {(threads: number) => void} engine_set_threads
 * @property {() => number} engine_stop_flag  address
 * @property {() => number} probe_activation_mode
 * @property {(mode: number) => void} set_activation_mode
 * @property {(nbytes: number) => number} heap_alloc  address
 * @property {(address: number) => void} heap_free
 * @property {() => number} sha256_state_size
 * @property {(state: number) => void} sha256_start
 * @property {(state: number, address: number, nbytes: number) => void} sha256_update
 * @property {(state: number, address: number) => void} sha256_finish
 */

/**
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory
 * @returns {KernelExports}
 */
export function instantiate(module, memory) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  // What a module exports is known to the C sources alone.
  const kernels = /** @type {KernelExports} */ (/** @type {unknown} */ (exports));
  kernels._initialize();
  return kernels;
}
