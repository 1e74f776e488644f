// A helper thread. Says that it runs, then stays inside the kernels for ever.
// Imports nothing: one request, and it starts.

/** @import { KernelExports } from "../shared/kernel_instance.js" */
/** @import { HelperStart } from "./threads.js" */

self.onmessage = (/** @type {MessageEvent<HelperStart>} */ { data: { module, memory, index, stackTop } }) => {
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  // What a module exports is known to the C sources alone.
  const exports = /** @type {KernelExports} */ (/** @type {unknown} */ (instance.exports));
  exports._initialize();
  exports._emscripten_stack_restore(stackTop);
  self.postMessage("running");
  exports.helper_main(index);
};
