"""Weights whose bytes are still on their way: places are made at once, and filled as bytes arrive."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..weights.planes import HIGH, LOW, JoinedPlanes
from ..weights.quantize import Scheme
from ..weights.source import WeightSource
from ..weights.tensor_info import TensorInfo
from .kernel_interface import Kernels
from .kernel_weights import KernelWeights, Stage
from .values import LinearWeight


@dataclass(frozen=True, eq=False)
class Fill:
    """Bytes of a stored tensor that are awaited, and what becomes of them."""

    tensor: str
    """As the file calls it."""
    begin: int
    nbytes: int
    stage: Stage
    place: Callable[[int], None]
    """Called with the address where the bytes lie in kernel memory; they may then be overwritten."""


class StreamedWeights(KernelWeights):
    """`KernelWeights` that read nothing but what `source` says of its tensors; `fills` lists what is awaited.

    Of matrices in two planes (weights/planes.py) the high one is packed first; the low one then makes them exact.
    Whether a matrix has zero blocks is not known when its place is made: all are packed dense.
    """

    def __init__(self, kernels: Kernels, source: WeightSource, scheme: Scheme = "float32") -> None:
        """See KernelWeights."""
        super().__init__(kernels, source, scheme)
        self.fills: list[Fill] = []
        """In the order in which they were asked for. Low planes are placed after high ones, all else in any order."""
        self._split = source.split if isinstance(source, JoinedPlanes) else set[str]()

    def _pack_sparse(self, info: TensorInfo, sums: int) -> tuple[int, int, int] | None:
        return None

    def _fill_q8(self, info: TensorInfo, weight: LinearWeight) -> None:
        if info.name not in self._split:
            super()._fill_q8(info, weight)
            return
        plane_row = info.shape[1] // 2  # two values a byte
        self._fill_int8("pack_high_plane", f"{info.name}{HIGH}", plane_row, weight)
        self._fill_int8("add_low_plane", f"{info.name}{LOW}", plane_row, weight, "refine")

    def _fill(
        self, tensor: str, begin: int, nbytes: int, place: Callable[[int], None], stage: Stage | None = None
    ) -> None:
        self.fills.append(Fill(tensor, begin, nbytes, stage or self.stage, place))
