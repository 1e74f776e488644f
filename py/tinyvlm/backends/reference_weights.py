"""A model's weights in numpy, as the reference's ops take them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ModelError
from ..weights.quantize import find_scale, group_layout, unpack_groups
from ..weights.source import WeightSource, read_array

Array = Any  # np.ndarray of float32 unless a name says otherwise


class QuantizedMatrix:
    """q8 weight: int8 (N, K), one float32 scale a row, and the block in which rows are rotated."""

    def __init__(self, values: Array, scale: Array, rotation: int) -> None:
        """Keep the integers as float64, whose products and sums are exact here and run on BLAS."""
        self.shape = values.shape
        self.rotation = rotation
        self.values = values.astype(np.float64)
        self.scale = scale
        self.sums = self.values.sum(axis=1)


class GroupedMatrix:
    """q4 or q2 weight: multiples (N, G, 32) of one float32 scale a group (N, G)."""

    def __init__(self, values: Array, scale: Array, columns: int, rotation: int) -> None:
        """Keep the multiples as float64, as in QuantizedMatrix, and zeros behind the last column."""
        self.shape = (len(values), columns)
        self.rotation = rotation
        self.values = values.astype(np.float64)
        self.values.reshape(len(values), -1)[:, columns:] = 0
        self.scale = scale
        self.sums = (self.values.sum(axis=2) * scale).sum(axis=1).astype(np.float32)


class LinearLayer:
    """A weight matrix (float32 array, QuantizedMatrix or GroupedMatrix) and its bias or None."""

    def __init__(self, weight: Any, bias: Array | None) -> None:
        """Bind weight (N, K) and bias (N,)."""
        self.weight = weight
        self.bias = bias


class ReferenceWeights:
    """`Weights` over a safetensors-like source; every tensor is read once."""

    def __init__(self, source: WeightSource) -> None:
        """Read lazily from `source`, but for norms and biases; raises ModelError where one holds no finite numbers."""
        self._source = source
        self._cache = dict[str, Any]()
        for name, info in source.tensors.items():
            if len(info.shape) == 1 and name.endswith((".weight", ".bias")):
                self._array(name)

    def linear(self, name: str) -> LinearLayer:
        """See Weights."""
        if name not in self._cache:
            weight = self._matrix(f"{name}.weight")
            bias = self._array(f"{name}.bias") if f"{name}.bias" in self._source.tensors else None
            self._cache[name] = LinearLayer(weight, bias)
        return self._cache[name]  # type: ignore[no-any-return]

    def tensor(self, name: str) -> Array:
        """See Weights."""
        if name not in self._cache:
            self._cache[name] = self._array(name)
        return self._cache[name]

    def _matrix(self, name: str) -> Any:
        values = self._array(name)
        scale, rotation = find_scale(self._source.tensors, name)
        if scale and values.dtype == np.uint8:
            layout = group_layout(self._source.tensors, name)
            levels = unpack_groups(values, layout.groups)
            return GroupedMatrix(levels, self._array(scale), layout.k, rotation)
        if scale:
            return QuantizedMatrix(values, self._array(scale).reshape(-1), rotation)
        if values.ndim == 4:  # a convolution's, whose windows come in (row, column, channel) order
            return values.transpose(0, 2, 3, 1).reshape(len(values), -1)
        return values

    def _array(self, name: str) -> Array:
        if name not in self._source.tensors:
            raise ModelError("weights-missing", tensor=repr(name))
        values = read_array(self._source, name)
        if values.dtype.kind != "f":
            return values
        if not np.isfinite(values).all():
            raise ModelError("tensor-not-finite", tensor=repr(name))
        return values.astype(np.float32)
