"""wasm-kernels/*.c to py/tinyvlm/wasm: the one Emscripten that they are built with, and the compiling."""
