// Helper threads: workers that run the same module on the same memory, each with a stack of its own.

import { startWorker } from "../shared/workers.js";

/** @import { KernelExports } from "../shared/kernel_instance.js" */

const STACK_BYTES = 131072;
const START_TIMEOUT_MS = 10_000;

/**
 * @typedef {object} HelperStart  what a helper is told
 * @property {WebAssembly.Module} module
 * @property {WebAssembly.Memory} memory
 * @property {number} index  among the threads; the lead's is 0
 * @property {number} stackTop  address
 */

/**
 * Starts `threads - 1` helpers and tells the engine how many it may count on.
 * @param {WebAssembly.Module} module
 * @param {WebAssembly.Memory} memory
 * @param {KernelExports} exports  the lead's
 * @param {number} threads
 * @returns {Promise<number>} threads that run, the lead included; 1 when any helper failed to start
 */
export async function startHelpers(module, memory, exports, threads) {
  const helpers = [];
  try {
    for (let index = 1; index < threads; index++) {
      const stackTop = exports.heap_alloc(STACK_BYTES) + STACK_BYTES;
      helpers.push(startHelper({ module, memory, index, stackTop }));
    }
    await Promise.all(helpers.map((helper) => helper.running));
  } catch {
    for (const { worker } of helpers) worker.terminate();
    return 1;
  }
  exports.engine_set_threads(threads);
  return threads;
}

/** @param {HelperStart} message */
function startHelper(message) {
  const worker = startWorker(
    () => new Worker(new URL("./helper.js", import.meta.url), { type: "module" }),
    "./helper.js",
    import.meta.url,
  );
  try {
    worker.postMessage(message);
  } catch (error) {
    worker.terminate(); // it would wait for ever: this browser does not share memory
    throw error;
  }
  /** @type {Promise<void>} */
  const running = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("a helper did not start")), START_TIMEOUT_MS);
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve();
    };
    worker.onerror = (event) => reject(new Error(event.message));
  });
  return { worker, running };
}
