"""The shipped kernels under wasmtime, with as many threads as the process may use cores."""

from __future__ import annotations

import ctypes
import os
import threading
import weakref
from importlib import resources
from numbers import Integral
from pathlib import Path
from typing import Any

import wasmtime
from wasmtime import _ffi as ffi

from ..errors import InputError, KernelError
from .cores import usable_cores
from .kernel_interface import allocate

MAX_THREADS = 8
STACK_BYTES = 131072
INITIAL_PAGES = 16
MAXIMUM_PAGES = 32768
"""Of 64 KiB, as the modules ask for their memory."""

_FIRST_PROCESS = os.getpid()
"""wasmtime compiles with threads that a forked child does not have: there it would wait for them for ever."""


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
    """`Kernels` under wasmtime. Threads are Python threads inside `helper_main`, which holds no lock.

    One thread calls at a time; another may only `write`. What is dropped without `close` is freed all the same.
    """

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
        the 7 bits that are right everywhere, where the probe would find 8. Raises InputError for `threads` below 1.
        """
        self.threads, self.threads_reason = _thread_count(threads)
        config = wasmtime.Config()
        config.wasm_threads = True
        config.shared_memory = True
        config.wasm_relaxed_simd = True
        config.wasm_relaxed_simd_deterministic = deterministic
        config.parallel_compilation = os.getpid() == _FIRST_PROCESS
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
        self.memory_limit = MAXIMUM_PAGES << 16
        self.crossings = 0
        """Calls, reads and writes so far."""

        self._process = os.getpid()
        self._helpers: list[threading.Thread] = []
        self._end = weakref.finalize(self, _end_helpers, self._lead, self._process)
        self._end.atexit = False  # a thread may be inside the kernels then, and nothing is left behind anyway
        self._start_helpers(self.threads - 1)

    def run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        """See Kernels."""
        self._cross()
        return self._run(self._store, program, r0, r1, r2, r3, r4)  # type: ignore[operator,no-any-return]

    def call(self, name: str, *arguments: int) -> int:
        """See Kernels."""
        self._cross()
        return self._lead(name, *arguments)

    def write(self, address: int, data: Any) -> None:
        """See Kernels."""
        self._cross()
        data = bytes(data) if not isinstance(data, bytes) else data
        self._check(address, len(data))
        ctypes.memmove(self._base + address, data, len(data))

    def read(self, address: int, nbytes: int) -> bytes:
        """See Kernels."""
        self._cross()
        self._check(address, nbytes)
        return ctypes.string_at(self._base + address, nbytes)

    def close(self) -> None:
        """See Kernels. Their memory goes with them."""
        if not self._end.alive:
            return
        self._end()
        if self._process == os.getpid():
            for helper in self._helpers:
                helper.join()
        self._memory.close()
        self._store.close()

    def _cross(self) -> None:
        """Count a crossing; raises InputError where nothing is on the other side that could answer."""
        if self._process != os.getpid():
            raise InputError("other-process")
        if not self._end.alive:
            raise InputError("model-closed")
        self.crossings += 1

    def _check(self, address: int, nbytes: int) -> None:
        if not 0 < address <= address + nbytes <= self._memory.data_len():
            raise KernelError("bad-address")

    def _start_helpers(self, count: int) -> None:
        for index in range(1, count + 1):
            top = allocate(self, STACK_BYTES) + STACK_BYTES
            helper = _Instance(self._engine, self._module, self._memory)
            helper("_emscripten_stack_restore", top)
            name = f"tinyvlm-kernel-{index}"
            thread = threading.Thread(target=helper, args=("helper_main", index), name=name, daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more
                self.threads, self.threads_reason = index, "more could not be started"
                break
            self._helpers.append(thread)
        if self._helpers:
            self._lead("engine_set_threads", self.threads)


def _thread_count(wanted: Any) -> tuple[int, str]:
    """Return how many threads there are to be, and why, for people."""
    if wanted is None:
        return min(usable_cores(), MAX_THREADS), f"one for each core that may be used, at most {MAX_THREADS}"
    if not isinstance(wanted, Integral) or isinstance(wanted, bool) or wanted < 1:
        raise InputError("sampling-not-a-count", option="threads", least=1, value=repr(wanted))
    return int(wanted), "as asked"


def _end_helpers(lead: _Instance, process: int) -> None:
    """Let the helpers leave, in whatever thread the kernels are dropped; a forked child has none."""
    if process == os.getpid():
        lead("engine_quit")
