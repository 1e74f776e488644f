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

from tinyvlm.backends.arena import plan
from tinyvlm.backends.kernel import KernelConstants
from tinyvlm.backends.kernels import Kernels
from tinyvlm.backends.program import LinearWeight, Recorder, Storage, Value

GEMM = (1024, 768, 3072)
"""rows, k, n"""


def measure(kernels: Kernels, repeats: int = 9) -> dict[str, float]:
    """Return GOP/s and microseconds by name."""
    bench = _Bench(kernels, repeats)
    rows, k, n = GEMM
    figures = {"threads": float(kernels.threads)}
    figures["gemm_q8_gops"] = bench.linear(rows, k, n, quantized=True)
    figures["gemm_f32_gflops"] = bench.linear(rows // 4, k, n, quantized=False)
    figures["gemv_q8_gops"] = bench.linear(1, k, n, quantized=True)
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


class _Bench:
    def __init__(self, kernels: Kernels, repeats: int) -> None:
        self.kernels, self.repeats, self.constants = kernels, repeats, KernelConstants(kernels)
        self.random = random.Random(0)
        self.empty = self.store(array("i", [0, 0, 0]).tobytes())

    def store(self, data: bytes) -> int:
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

    def program(self, record: Callable[[Recorder], None]) -> int:
        recorder = Recorder(self.constants)
        record(recorder)
        offsets, size = plan(recorder.storages)
        return self.store(recorder.encode(self.store(bytes(size or 64)), offsets).tobytes())

    def rate(self, operations: float, record: Callable[[Recorder], None]) -> float:
        """GOP/s of one op, repeated inside a program: small ones alone would not wake the helpers."""
        times = max(1, int(1e8 / operations))
        program = self.program(lambda recorder: [record(recorder) for _ in range(times)] and None)
        return times * operations / self.seconds(lambda: self.kernels.run(program, 0, 0, 0, 0, 0)) / 1e9

    def peak(self, name: str, operations_a_lane_group: int) -> float:
        data, rounds = self.store(bytes(32 + 16 * 12)), 1_000_000
        seconds = self.seconds(lambda: self.kernels.call(name, data, rounds))
        return rounds * 12 * operations_a_lane_group / seconds / 1e9

    def linear(self, rows: int, k: int, n: int, *, quantized: bool) -> float:
        """The matrix product alone: rows are quantized beforehand, as in a model where norms do it."""
        x = Value((rows, k), Storage(rows * k * 4, self.store(self.floats(rows * k))))
        weight = self.store(self.random.randbytes(n * k) if quantized else self.floats(n * k))
        packed = self.store(bytes(n * k * (1 if quantized else 4)))
        scale = sums = 0
        if quantized:
            sums, scale = self.store(bytes(4 * n)), self.store(self.floats(n))
            self.kernels.call("pack_q8", weight, packed, sums, n, k)
        else:
            self.kernels.call("pack_f32", weight, packed, n, k)
        layer = LinearWeight((n, k), packed, 0, scale, sums)
        return self.rate(2.0 * rows * k * n, lambda recorder: recorder.linear(x, layer))

    def depthwise(self, side: int, channels: int, kernel: int) -> float:
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
        values = array("f", [self.random.uniform(-1, 1) for _ in range(min(count, 4096))])
        return (values.tobytes() * (count // len(values) + 1))[: 4 * count]

    def close(self) -> None:
        for address in self.constants.addresses:
            self.kernels.call("heap_free", address)
