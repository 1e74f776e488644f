// A helper thread. Says that it runs, then stays inside the kernels for ever.

self.onmessage = ({ data: { module, memory, index, stackTop } }) => {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  exports._initialize();
  exports._emscripten_stack_restore(stackTop);
  self.postMessage("running");
  exports.helper_main(index);
};
