"""The shipped kernels under wasmtime, with as many threads as the machine has cores."""

from __future__ import annotations

import ctypes
import os
import threading
from importlib import resources
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

from ..errors import KernelError

MAX_THREADS = 8
STACK_BYTES = 131072
INITIAL_PAGES = 16
MAXIMUM_PAGES = 32768
"""Of 64 KiB, as the modules ask for their memory."""


def kernel_file(variant: str) -> Path:
    """Path of the built kernels of a variant ("relaxed" or "simd128")."""
    return Path(str(resources.files("tinyvlm"))) / "wasm" / f"{variant}.wasm"


class _SharedMemory(wasmtime.SharedMemory):
    """wasmtime-py 50 passes a pointer to the pointer here and crashes; the C API wants the pointer itself."""

    def _as_extern(self) -> Any:
        union = ffi.wasmtime_extern_union(sharedmemory=self.ptr())
        return ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_SHAREDMEMORY, union)


class _Instance:
    """The module on the shared memory: one for each thread."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module, memory: wasmtime.SharedMemory) -> None:
        self.store = wasmtime.Store(engine)
        self.exports = wasmtime.Instance(self.store, module, [memory]).exports(self.store)
        self("_initialize")

    def __call__(self, name: str, *arguments: int) -> int:
        return self.exports[name](self.store, *arguments) or 0  # type: ignore[operator]


class WasmtimeKernels:
    """`Kernels` under wasmtime. Threads are Python threads inside `helper_main`, which holds no lock."""

    def __init__(
        self,
        *,
        variant: str = "relaxed",
        threads: int | None = None,
        deterministic: bool = False,
        activation_mode: int | None = None,
    ) -> None:
        """Compile a variant and start helpers.

        `deterministic` takes the standard's lowering of relaxed operations; `activation_mode` 0 forces activations to
        the 7 bits that are right everywhere, where the probe would find 8.
        """
        config = wasmtime.Config()
        config.wasm_threads = True
        config.shared_memory = True
        config.wasm_relaxed_simd = True
        config.wasm_relaxed_simd_deterministic = deterministic
        self._engine = wasmtime.Engine(config)

        path = kernel_file(variant)
        if not path.exists():
            raise KernelError("kernels-missing", file=path.name)
        self._module = wasmtime.Module(self._engine, path.read_bytes())
        limits = wasmtime.Limits(INITIAL_PAGES, MAXIMUM_PAGES)
        self._memory = _SharedMemory(self._engine, wasmtime.MemoryType(limits, shared=True))
        self._base = ctypes.addressof(self._memory.data_ptr().contents)
        self._lead = _Instance(self._engine, self._module, self._memory)
        self._run = self._lead.exports["program_run"]
        self._store = self._lead.store

        self.variant = variant
        probed = self._lead("probe_activation_mode")
        self.activation_mode = probed if activation_mode is None else activation_mode
        self._lead("set_activation_mode", self.activation_mode)
        self.crossings = 0
        """Calls, reads and writes so far."""

        self._helpers: list[threading.Thread] = []
        self.threads = threads or min(os.cpu_count() or 1, MAX_THREADS)
        self.threads_reason = "as asked" if threads else "one for each core"
        self._start_helpers(self.threads - 1)

    def run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        """See Kernels."""
        self.crossings += 1
        return self._run(self._store, program, r0, r1, r2, r3, r4)  # type: ignore[operator,no-any-return]

    def call(self, name: str, *arguments: int) -> int:
        """See Kernels."""
        self.crossings += 1
        return self._lead(name, *arguments)

    def write(self, address: int, data: Any) -> None:
        """See Kernels."""
        self.crossings += 1
        data = bytes(data) if not isinstance(data, bytes) else data
        self._check(address, len(data))
        ctypes.memmove(self._base + address, data, len(data))

    def read(self, address: int, nbytes: int) -> bytes:
        """See Kernels."""
        self.crossings += 1
        self._check(address, nbytes)
        return ctypes.string_at(self._base + address, nbytes)

    def close(self) -> None:
        """See Kernels."""
        if self._helpers:
            self._lead("engine_quit")
            for helper in self._helpers:
                helper.join()
            self._helpers.clear()

    def _check(self, address: int, nbytes: int) -> None:
        if not 0 < address <= address + nbytes <= self._memory.data_len():
            raise KernelError("bad-address")

    def _start_helpers(self, count: int) -> None:
        for index in range(1, count + 1):
            top = self._lead("heap_alloc", STACK_BYTES) + STACK_BYTES
            helper = _Instance(self._engine, self._module, self._memory)
            helper("_emscripten_stack_restore", top)
            name = f"tinyvlm-kernel-{index}"
            thread = threading.Thread(target=helper, args=("helper_main", index), name=name, daemon=True)
            thread.start()
            self._helpers.append(thread)
        if count:
            self._lead("engine_set_threads", count + 1)
