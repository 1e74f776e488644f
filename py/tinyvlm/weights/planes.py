"""q8 matrices in files as two planes of nibbles: with the high one alone, a model answers before all of it has come.

    name_high, name_low   U8 (N, K / 2), two neighbours in a row a byte, the first in the lower four bits

stand for `name`, I8 (N, K): w = 16 h + l, h as two's complement. A draft takes 8 and 7 in turn for l: 7.5 is its mean,
and with 8 throughout, sums over activations that are all positive come out too large.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import ModelError
from .source import WeightSource, read_array
from .tensor_info import TensorInfo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HIGH = "_high"
LOW = "_low"

LEAST_VALUES = 1 << 16
"""Matrices of fewer values are written whole: a draft gains little by halving them, and loses most by it."""


def high_plane(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    """int8 (N, K) -> the upper nibbles (N, ceil(K / 2)); those of an odd row's end are zero."""
    return _packed(values >> 4)


def low_plane(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    """int8 (N, K) -> the lower nibbles (N, ceil(K / 2)); those of an odd row's end are zero."""
    return _packed(values)


def join_planes(high: Any, low: Any, columns: int) -> NDArray[np.int8]:
    """Both planes -> int8 (N, columns)."""
    import numpy as np

    return (_nibbles(high, columns) << 4 | _nibbles(low, columns)).view(np.int8)


def draft_values(high: Any, columns: int) -> NDArray[np.int8]:
    """The high plane alone -> what a draft takes for int8 (N, columns)."""
    import numpy as np

    middle = np.array([8, 7], np.uint8)[np.arange(columns) % 2]
    return (_nibbles(high, columns) << 4 | middle).view(np.int8)


class JoinedPlanes:
    """A source whose planes are seen as the int8 matrices that they stand for."""

    def __init__(self, source: WeightSource) -> None:
        """Wrap `source`; raises ModelError("tensor-planes-wrong") for planes that do not belong together."""
        self._source = source
        self.tensors = dict[str, TensorInfo]()
        self.split = set[str]()
        for name, info in source.tensors.items():
            if not name.endswith((f".weight{HIGH}", f".weight{LOW}")):
                self.tensors[name] = info
                continue
            matrix = name.removesuffix(HIGH).removesuffix(LOW)
            self.tensors[matrix] = _joined_info(source.tensors, matrix)
            self.split.add(matrix)

    def read(self, name: str) -> Any:
        """Return the tensor's bytes."""
        return self._values(name).tobytes() if name in self.split else self._source.read(name)

    def _values(self, name: str) -> NDArray[np.int8]:
        high, low = (read_array(self._source, f"{name}{plane}") for plane in (HIGH, LOW))
        return join_planes(high, low, self.tensors[name].shape[1])


class DraftPlanes(JoinedPlanes):
    """A source seen as a page sees it while the low planes are on their way."""

    def _values(self, name: str) -> NDArray[np.int8]:
        return draft_values(read_array(self._source, f"{name}{HIGH}"), self.tensors[name].shape[1])


class SplitPlanes:
    """A source whose int8 matrices are seen as planes, but for small ones and those with an odd number of columns."""

    def __init__(self, source: WeightSource) -> None:
        """Wrap `source`; the last matrix that was read is kept for its low plane."""
        self._source = source
        self._last: tuple[str, Any] = "", None
        self.tensors = dict[str, TensorInfo]()
        for name, info in source.tensors.items():
            if info.dtype != "I8" or len(info.shape) != 2 or info.shape[1] % 2 or info.nbytes < LEAST_VALUES:
                self.tensors[name] = info
                continue
            shape = (info.shape[0], info.shape[1] // 2)
            for plane in (f"{name}{HIGH}", f"{name}{LOW}"):
                self.tensors[plane] = TensorInfo(plane, "U8", shape, 0, info.nbytes // 2)

    def read(self, name: str) -> Any:
        """Return the tensor's bytes."""
        if name in self._source.tensors:
            return self._source.read(name)
        matrix = name.removesuffix(HIGH).removesuffix(LOW)
        if self._last[0] != matrix:
            self._last = matrix, read_array(self._source, matrix)
        if name.endswith(HIGH):
            return high_plane(self._last[1]).tobytes()
        # a mapped file cannot close while a view is held
        plane = low_plane(self._last[1])
        self._last = ("", None)
        return plane.tobytes()


def join_if_split(source: WeightSource) -> WeightSource:
    """Return `source`, through JoinedPlanes where it holds planes."""
    joined = JoinedPlanes(source)
    return joined if joined.split else source


def _joined_info(tensors: Mapping[str, TensorInfo], name: str) -> TensorInfo:
    high, low = (tensors.get(f"{name}{plane}") for plane in (HIGH, LOW))
    if (
        name in tensors
        or high is None
        or low is None
        or not high.dtype == low.dtype == "U8"
        or high.shape != low.shape
        or len(high.shape) != 2
    ):
        raise ModelError("tensor-planes-wrong", tensor=repr(name))
    n, columns = high.shape
    return TensorInfo(name, "I8", (n, 2 * columns), high.offset, high.nbytes + low.nbytes)


def _packed(values: NDArray[np.int8]) -> NDArray[np.uint8]:
    import numpy as np

    nibbles = np.zeros((len(values), values.shape[1] + values.shape[1] % 2), np.uint8)
    nibbles[:, : values.shape[1]] = values.view(np.uint8) & 15
    packed: NDArray[np.uint8] = nibbles[:, ::2] | nibbles[:, 1::2] << 4
    return packed


def _nibbles(plane: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    import numpy as np

    rows, pairs = plane.shape
    nibbles: NDArray[np.uint8] = np.stack([plane & 15, plane >> 4], axis=2).reshape(rows, 2 * pairs)
    return nibbles[:, :columns]
