"""Square matrix products in the page: our kernels against numpy's, which has no BLAS in Pyodide. Seconds of one."""

from __future__ import annotations

import time

import numpy as np

import ops
from tinyvlm.backends.kernel_interface import Kernels

SIZE, TIMES = 512, 20


class Matmul:
    """Both sides' operands, ready to multiply; `dtype` is "int8" (summed in 32 bits) or "float32"."""

    def __init__(self, kernels: Kernels, dtype: str) -> None:
        """Draw the operands."""
        bench = ops.Bench(kernels, repeats=1)
        x, (layer,) = bench.linear_operands(SIZE, SIZE, SIZE, "q8" if dtype == "int8" else "f32")
        self._program, self._kernels = bench.program(lambda r: [r.linear(x, layer) for _ in range(TIMES)]), kernels
        draw = np.random.default_rng(0)
        self._a, self._b = (draw.integers(-127, 128, (SIZE, SIZE)).astype(dtype) for _ in range(2))
        self._sum_dtype = np.int32 if dtype == "int8" else np.float32

    def ours(self) -> float:
        """Mean of several in one program, as a model has them: a single one is over before the helpers are awake."""
        started = time.perf_counter()
        self._kernels.run(self._program, 0, 0, 0, 0, 0)
        return (time.perf_counter() - started) / TIMES

    def numpy(self) -> float:
        """numpy's own, on one thread."""
        started = time.perf_counter()
        np.matmul(self._a, self._b, dtype=self._sum_dtype)
        return time.perf_counter() - started
