"""Speed of single kernels, in the same words natively and inside the page: needs a `Kernels`, and no numpy.

Rates count 2 operations a multiply-add. Every figure is the median of several runs after a warm-up; the peaks are
loops of twelve independent multiply-add chains in registers, the ceiling for the tiles.
"""

from __future__ import annotations

import random
import statistics
import time
from array import array
from collections.abc import Callable

from tinyvlm.backends.arena import assign_offsets
from tinyvlm.backends.kernel_interface import Kernels
from tinyvlm.backends.kernel_memory import KernelConstants
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.values import LinearWeight, Storage, Value
from tinyvlm.weights.tensor_info import TensorInfo

GEMM = (1024, 768, 3072)
"""rows, k, n"""

PREFILL, BEYOND_CACHES = 300, 44
"""Rows of a prompt; matrices of GEMM's size that no cache holds, 104 MB in q8."""

PRUNED = (0, 20, 50, 60)
"""Percent of blocks that are zero; rates count them, so that they compare with the dense ones."""


def measure(kernels: Kernels, repeats: int = 9) -> dict[str, float]:
    """Return GOP/s and microseconds by name."""
    bench = Bench(kernels, repeats)
    rows, k, n = GEMM
    figures = {"threads": float(kernels.threads)}
    figures["gemm_q8_gops"] = bench.linear(rows, k, n, "q8")
    figures["gemm_f32_gflops"] = bench.linear(rows // 4, k, n, "f32")
    figures["gemv_q8_gops"] = bench.linear(1, k, n, "q8")
    for scheme in ("q8", "q4", "q2"):
        figures[f"gemm_{PREFILL}_{scheme}_gops"] = bench.linear(PREFILL, k, n, scheme)
        figures[f"gemv_memory_{scheme}_gops"] = bench.linear(1, k, n, scheme, matrices=BEYOND_CACHES)
    for percent in PRUNED:
        zeros = percent / 100
        figures[f"gemm_{PREFILL}_pruned_{percent}_gops"] = bench.linear(PREFILL, k, n, "q8", zeros=zeros)
        figures[f"gemv_memory_pruned_{percent}_gops"] = bench.linear(1, k, n, "q8", matrices=BEYOND_CACHES, zeros=zeros)
    figures["depthwise_5x5_gflops"] = bench.depthwise(28, 240, 5)
    figures["barrier_us"] = bench.barrier()
    if kernels.threads == 1:
        figures["peak_dot_gops"], figures["peak_madd_gflops"] = bench.peak("peak_dot", 32), bench.peak("peak_madd", 8)
        if kernels.variant != "relaxed":
            figures["peak_dot_gops"] /= 2  # eight 16-bit products a register instead of sixteen 8-bit ones
        figures["gemm_q8_share_of_peak"] = figures["gemm_q8_gops"] / figures["peak_dot_gops"]
        figures["gemm_f32_share_of_peak"] = figures["gemm_f32_gflops"] / figures["peak_madd_gflops"]
    figures["call_us"] = bench.seconds(lambda: kernels.run(bench.empty, 0, 0, 0, 0, 0), 200) * 1e6
    bench.close()
    return figures


class _Matrix:
    """A WeightSource of equal matrices `0.weight`, `1.weight`, ..., random but for blocks of zeros."""

    def __init__(self, scheme: str, n: int, k: int, matrices: int, zeros: float) -> None:
        rng, groups = random.Random(0), k // 32
        sizes = {"f32": ("F32", k, 4), "q8": ("I8", k, 1), "q4": ("U8", k // 2, 1), "q2": ("U8", k // 4, 1)}
        dtype, columns, size = sizes[scheme]
        scale = ("F32", (n,), array("f", [0.01] * n)) if scheme == "q8" else None
        if dtype == "U8":
            scale = ("BF16", (n, groups), array("H", [0x3C00] * n * groups))
        row = array("f", [rng.uniform(-1, 1) for _ in range(k)]).tobytes() if scheme == "f32" else b""
        data = bytearray()
        for _ in range(n // 8):
            kept = [rng.random() >= zeros for _ in range(groups)] if zeros else []
            for _ in range(8):
                part = row or rng.randbytes(columns)
                if kept:
                    part = b"".join(part[32 * i : 32 * i + 32] if keep else bytes(32) for i, keep in enumerate(kept))
                data += part
        self.tensors: dict[str, TensorInfo] = {}
        self._data = {"weight": bytes(data), "weight_scale": scale[2].tobytes() if scale else b""}
        for i in range(matrices):
            name = f"{i}.weight"
            self.tensors[name] = TensorInfo(name, dtype, (n, columns), 0, n * columns * size)
            if scale:
                self.tensors[f"{name}_scale"] = TensorInfo(f"{name}_scale", scale[0], scale[1], 0, 0)

    def read(self, name: str) -> bytes:
        return self._data[name.partition(".")[2]]


class Bench:
    """Operands and programs of single ops in the memory of `kernels`."""

    def __init__(self, kernels: Kernels, repeats: int) -> None:
        """Take medians over `repeats`."""
        self.kernels, self.repeats, self.constants = kernels, repeats, KernelConstants(kernels)
        self.random = random.Random(0)
        self.empty = self.store(array("i", [0, 0, 0]).tobytes())

    def store(self, data: bytes) -> int:
        """Return the address of a copy."""
        return self.constants.store(data)

    def seconds(self, run: Callable[[], object], inner: int = 1) -> float:
        """Median time of one call."""
        times = []
        for _ in range(self.repeats + 2):
            started = time.perf_counter()
            for _ in range(inner):
                run()
            times.append((time.perf_counter() - started) / inner)
        return statistics.median(times[2:])

    def program(self, record: Callable[[Recorder], object]) -> int:
        """Return the address of what `record` records."""
        recorder = Recorder(self.constants)
        record(recorder)
        offsets, size = assign_offsets(recorder.storages)
        return self.store(recorder.encode(self.store(bytes(size or 64)), offsets).tobytes())

    def rate(self, operations: float, record: Callable[[Recorder], object]) -> float:
        """GOP/s of one op, repeated inside a program: small ones alone would not wake the helpers."""
        times = max(1, int(1e8 / operations))
        program = self.program(lambda recorder: [record(recorder) for _ in range(times)])
        return times * operations / self.seconds(lambda: self.kernels.run(program, 0, 0, 0, 0, 0)) / 1e9

    def peak(self, name: str, operations_a_lane_group: int) -> float:
        """GOP/s of a loop in registers."""
        data, rounds = self.store(bytes(32 + 16 * 12)), 1_000_000
        seconds = self.seconds(lambda: self.kernels.call(name, data, rounds))
        return rounds * 12 * operations_a_lane_group / seconds / 1e9

    def linear(self, rows: int, k: int, n: int, scheme: str, *, matrices: int = 1, zeros: float = 0) -> float:
        """The products alone: rows are quantized beforehand, as in a model where norms do it."""
        x, layers = self.linear_operands(rows, k, n, scheme, matrices=matrices, zeros=zeros)
        operations = 2.0 * rows * k * n * matrices
        rate = self.rate(operations, lambda recorder: [recorder.linear(x, layer) for layer in layers])
        self.free_weights()
        return rate

    def linear_operands(
        self, rows: int, k: int, n: int, scheme: str, *, matrices: int = 1, zeros: float = 0
    ) -> tuple[Value, list[LinearWeight]]:
        """Random float32 rows and packed weights, which last until `free_weights`."""
        x = Value((rows, k), Storage(rows * k * 4, self.store(self.floats(rows * k))))
        self.weights = KernelWeights(self.kernels, _Matrix(scheme, n, k, matrices, zeros))
        return x, [self.weights.linear(str(i)) for i in range(matrices)]

    def free_weights(self) -> None:
        """Give back what the last `linear_operands` packed."""
        for address in self.weights.addresses:
            self.kernels.call("heap_free", address)

    def depthwise(self, side: int, channels: int, kernel: int) -> float:
        """GFLOP/s of a depthwise convolution with stride 1."""

        def value(*shape: int) -> Value:
            count = 1
            for size in shape:
                count *= size
            return Value(shape, Storage(4 * count, self.store(self.floats(count))))

        x, w, b = value(side, side, channels), value(kernel, kernel, channels), value(channels)
        operations = 2.0 * side * side * channels * kernel * kernel
        return self.rate(operations, lambda recorder: recorder.depthwise_conv2d(x, w, b, stride=1))

    def barrier(self) -> float:
        """Microseconds from one instruction to the next when there is nothing to do."""
        x = Value((1, 1), Storage(64, self.store(bytes(64))))
        count = 1000
        program = self.program(lambda r: [r.emit("add", x, x, x, 1, 0, cost=10**6) for _ in range(count)] and None)
        return self.seconds(lambda: self.kernels.run(program, 0, 0, 0, 0, 0), 5) * 1e6 / count

    def floats(self, count: int) -> bytes:
        """Uniform float32 in -1..1, repeating after 4096."""
        values = array("f", [self.random.uniform(-1, 1) for _ in range(min(count, 4096))])
        return (values.tobytes() * (count // len(values) + 1))[: 4 * count]

    def close(self) -> None:
        """Give the memory back."""
        for address in self.constants.addresses:
            self.kernels.call("heap_free", address)
