"""In which order a model needs its weights, learned by recording its programs where there are no kernels."""

from __future__ import annotations

from ..backends.counting_kernels import CountingKernels
from ..backends.kernel_runner import KernelRunner
from ..backends.kernel_weights import Stage
from ..backends.streamed_weights import StreamedWeights
from ..models.architecture import Architecture
from ..weights.source import WeightSource


def execution_order(model: Architecture, source: WeightSource) -> dict[str, Stage]:
    """Return the tensors of `source`'s file in the order of first use, and what for. Nothing is read.

    Raises ModelError for weights that do not fit the model.
    """
    weights = StreamedWeights(CountingKernels(), source)
    KernelRunner(model, weights)
    return {fill.tensor: fill.stage for fill in weights.fills}
