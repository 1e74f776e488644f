"""In which order a model needs its weights, learned by recording its programs where there are no kernels."""

from __future__ import annotations

from typing import Any

from ..backends.kernel_runner import KernelRunner
from ..backends.kernel_weights import Stage
from ..backends.streamed_weights import StreamedWeights
from ..models.architecture import Architecture
from ..weights.source import WeightSource


def execution_order(model: Architecture, source: WeightSource) -> dict[str, Stage]:
    """Return the tensors of `source`'s file in the order of first use, and what for. Nothing is read.

    Raises ModelError for weights that do not fit the model.
    """
    weights = StreamedWeights(_NoKernels(), source)
    KernelRunner(model, weights)
    return {fill.tensor: fill.stage for fill in weights.fills}


class _NoKernels:
    """`Kernels` that remember nothing: enough to record a program, not to run it."""

    variant, threads, threads_reason, activation_mode = "", 1, "", 0

    def run(self, program: int, r0: int, r1: int, r2: int, r3: int, r4: int) -> int:
        """See Kernels."""
        raise NotImplementedError

    def call(self, name: str, *arguments: int) -> int:
        """See Kernels. As an address, 1 is as good as any."""
        return 1

    def write(self, address: int, data: Any) -> None:
        """See Kernels."""

    def read(self, address: int, nbytes: int) -> bytes:
        """See Kernels."""
        raise NotImplementedError

    def close(self) -> None:
        """See Kernels."""
