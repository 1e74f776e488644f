"""Runs single ops on the kernels and on the numpy reference, from the same arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinyvlm.backends.arena import plan
from tinyvlm.backends.kernel import KernelConstants, KernelWeights
from tinyvlm.backends.kernels import ACTIVATION_BITS, Kernels, allocate
from tinyvlm.backends.program import Recorder, Storage, Value
from tinyvlm.backends.reference import ReferenceOps, ReferenceWeights
from tinyvlm.weights.safetensors import TensorInfo

DTYPES = {"float32": "F32", "int8": "I8", "uint8": "U8", "int32": "I32"}


class ArraySource:
    """A WeightSource over numpy arrays."""

    base = None

    def __init__(self, arrays: Mapping[str, np.ndarray]) -> None:
        self.arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
        self.tensors = {
            name: TensorInfo(name, DTYPES[a.dtype.name], a.shape, 0, a.nbytes) for name, a in self.arrays.items()
        }

    def read(self, name: str) -> bytes:
        return self.arrays[name].tobytes()


class Harness:
    """One kernels instance; every `run` gives back what it took from the heap."""

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        steps = (1 << ACTIVATION_BITS[kernels.activation_mode]) - 1
        self.reference = ReferenceOps(steps)

    def both(
        self, op: Callable[..., Any], *inputs: np.ndarray, weights: Mapping[str, np.ndarray] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """`op(ops, weights, *tensors)` on the kernels and on the reference."""
        source = ArraySource(weights or {})
        expected = op(self.reference, ReferenceWeights(source), *[array.copy() for array in inputs])
        return self.run(op, *inputs, source=source), np.asarray(expected)

    def run(self, op: Callable[..., Any], *inputs: np.ndarray, source: ArraySource) -> np.ndarray:
        bound, constants = KernelWeights(self.kernels, source), KernelConstants(self.kernels)
        recorder = Recorder(constants)
        # A little more than the input: kernels may read past the last vector.
        values = [
            Value(a.shape, Storage(a.nbytes, constants.store(a.tobytes() + bytes(16))), itemsize=a.itemsize)
            for a in inputs
        ]
        out = op(recorder, bound, *values)
        if out.storage.address is None:
            recorder.keep(out)
        offsets, size = plan(recorder.storages)
        arena = allocate(self.kernels, size or 64)
        # Garbage, not zeros: a kernel that forgets to write is found out.
        self.kernels.write(arena, b"\xab" * size)
        program = constants.store(recorder.encode(arena, offsets).tobytes())
        self.kernels.run(program, 0, 0, 0, 0, 0)
        address = out.storage.address if out.storage.address is not None else arena + offsets[out.storage]
        dtype = np.uint8 if out.itemsize == 1 else np.float32
        data = self.kernels.read(address + out.offset, int(np.prod(out.shape)) * out.itemsize)
        for block in (arena, *constants.addresses, *bound.addresses):
            self.kernels.call("heap_free", block)
        return np.frombuffer(data, dtype).reshape(out.shape)


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 2e-5) -> None:
    """Equal up to float32 rounding, relative to the largest value."""
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)
