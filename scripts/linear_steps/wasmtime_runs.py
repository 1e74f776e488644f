"""Runs jobs under wasmtime; worker.js does the same in Chromium."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import wasmtime

from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels

from .product import Job, Product, resolve

WARM_UP_S = 0.3
MEASURE_S = 0.5
MIN_CALLS = 5
EXACT_BITS_EVERYWHERE = 0
"""The activation mode of 7 bits (wasm-kernels/engine.h)."""


def run_step(path: Path, product: Product, job: Job) -> tuple[float, str]:
    """Return the median seconds of a call of a step's module, and the sha256 of y."""
    config = wasmtime.Config()
    config.wasm_relaxed_simd = True
    engine = wasmtime.Engine(config)
    store = wasmtime.Store(engine)
    exports: Any = wasmtime.Instance(store, wasmtime.Module(engine, path.read_bytes()), []).exports(store)
    exports["_initialize"](store)
    memory = exports["memory"]
    entry = exports[job.entry]
    base = -(-exports["__heap_base"].value(store) // 64) * 64
    memory.write(store, product.memory + _bytes(job.words, base), base)
    args = resolve(job.args, base)
    seconds = _median(lambda: entry(store, *args))
    y_at = base + product.y_at
    y = bytes(memory.read(store, y_at, y_at + product.y.nbytes))
    return seconds, hashlib.sha256(y).hexdigest()


def run_kernels(variant: str, threads: int, product: Product, job: Job) -> tuple[float, str]:
    """The same with a build of the kernels that ship."""
    kernels = WasmtimeKernels(variant=variant, threads=threads, activation_mode=EXACT_BITS_EVERYWHERE)
    nbytes = len(product.memory)
    base = kernels.call("heap_alloc", 2 * nbytes)
    kernels.write(base, product.memory)
    if job.prepare:
        kernels.write(base + nbytes, _bytes(job.prepare, base))
        kernels.run(base + nbytes, 0, 0, 0, 0, 0)
    kernels.write(base + nbytes, _bytes(job.words, base))
    args = resolve(job.args, base)
    seconds = _median(lambda: kernels.call(job.entry, *args))
    y = kernels.read(base + product.y_at, product.y.nbytes)
    kernels.close()
    return seconds, hashlib.sha256(y).hexdigest()


def _bytes(words: Any, base: int) -> bytes:
    return np.array(resolve(words, base), np.int32).tobytes()


def _median(call: Callable[[], object]) -> float:
    """Seconds of one call; a product takes from 1 to 300 ms."""
    end = time.perf_counter() + WARM_UP_S
    call()
    while time.perf_counter() < end:
        call()
    times: list[float] = []
    end = time.perf_counter() + MEASURE_S
    while len(times) < MIN_CALLS or time.perf_counter() < end:
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)
