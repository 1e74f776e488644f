"""Runs single ops on the kernels and on the numpy reference, from the same arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tinyvlm.backends.arena import assign_offsets
from tinyvlm.backends.kernel_interface import ACTIVATION_BITS, Kernels, allocate
from tinyvlm.backends.kernel_memory import KernelConstants
from tinyvlm.backends.kernel_weights import KernelWeights
from tinyvlm.backends.kv_cache import new_cache
from tinyvlm.backends.recorder import Recorder
from tinyvlm.backends.reference_ops import KeysValues, ReferenceOps
from tinyvlm.backends.reference_weights import ReferenceWeights
from tinyvlm.backends.values import Storage, Value
from tinyvlm.ops import CacheShape, Precision
from tinyvlm.weights.tensor_info import TensorInfo

UNSIGNED = 1
"""The activation mode of unsigned bytes (wasm-kernels/engine.h)."""

DTYPES = {"float32": "F32", "int8": "I8", "uint8": "U8", "uint16": "BF16", "int32": "I32"}


class ArraySource:
    """A WeightSource over numpy arrays."""

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
        self.steps = (1 << ACTIVATION_BITS[kernels.activation_mode]) - 1
        self.weight_steps = 255 if kernels.activation_mode == UNSIGNED else 127

    def both(
        self,
        op: Callable[..., Any],
        *inputs: np.ndarray,
        weights: Mapping[str, np.ndarray] | None = None,
        caches: Sequence[CacheShape] = (),
        precision: Precision = "float32",
    ) -> tuple[np.ndarray, np.ndarray]:
        """`op(ops, weights, *tensors, *caches)` on the kernels and on the reference."""
        source = ArraySource(weights or {})
        ops, held = (
            ReferenceOps(self.steps, precision, weight_steps=self.weight_steps),
            [KeysValues(shape, precision) for shape in caches],
        )
        expected = op(ops, ReferenceWeights(source), *[array.copy() for array in inputs], *held)
        actual = self.run(op, *inputs, source=source, caches=caches, precision=precision)
        return actual, np.asarray(expected)

    def run(
        self,
        op: Callable[..., Any],
        *inputs: np.ndarray,
        source: ArraySource,
        caches: Sequence[CacheShape] = (),
        precision: Precision = "float32",
    ) -> np.ndarray:
        bound, constants = KernelWeights(self.kernels, source), KernelConstants(self.kernels)
        recorder = Recorder(constants, precision)
        # A little more than the input: kernels may read past the last vector.
        values = [
            Value(a.shape, Storage(a.nbytes, constants.store(a.tobytes() + bytes(16))), itemsize=a.itemsize)
            for a in inputs
        ]
        # Garbage, not zeros, here and in the arena: a kernel that forgets to write, or reads too far, is found out.
        held = [
            new_cache(shape, precision, lambda nbytes: constants.store(b"\xab\xff" * (nbytes // 2))) for shape in caches
        ]
        out = op(recorder, bound, *values, *held)
        if out.storage.address is None:
            recorder.keep(out)
        offsets, size = assign_offsets(recorder.storages)
        arena = allocate(self.kernels, size or 64)
        self.kernels.write(arena, b"\xff" * size)
        program = constants.store(recorder.encode(arena, offsets).tobytes())
        self.kernels.run(program, 0, 0, 0, 0, 0)
        address = out.storage.address if out.storage.address is not None else arena + offsets[out.storage]
        dtype = np.uint8 if out.itemsize == 1 else np.float32
        data = self.kernels.read(address + out.offset, int(np.prod(out.shape)) * out.itemsize)
        bound.finish()
        for block in (arena, *constants.addresses, *bound.addresses):
            self.kernels.call("heap_free", block)
        return np.frombuffer(data, dtype).reshape(out.shape)


def assert_close(actual: np.ndarray, expected: np.ndarray, tolerance: float = 2e-5) -> None:
    """Equal up to float32 rounding, relative to the largest value."""
    assert actual.shape == expected.shape
    scale = max(1.0, float(np.abs(expected).max(initial=0)))
    np.testing.assert_allclose(actual, expected, rtol=0, atol=tolerance * scale)
