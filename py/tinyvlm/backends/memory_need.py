"""How much kernel memory a model takes, before any of its weights are brought, and what is said where there is less.

The very code that makes room for a model does so on kernels that only count.
"""

from __future__ import annotations

import math

from ..errors import KernelError
from ..models.architecture import Architecture
from ..ops import Precision
from ..weights.quantize import Scheme
from ..weights.source import WeightSource, is_quantized
from .counting_kernels import CountingKernels
from .kernel_interface import Kernels
from .kernel_runner import KernelRunner
from .streamed_weights import StreamedWeights

LOADING_BYTES = 32 << 20
"""For what is needed while weights come in (kernel_quantizer.py), and for the threads' stacks."""

_SMALLER: dict[Scheme, tuple[Scheme, ...]] = {"float32": ("q8", "q4"), "q8": ("q4",)}
"""What a person is told to take in a scheme's place. q2 spoils models (weights/loss.py)."""


def memory_need(
    kernels: Kernels, model: Architecture, source: WeightSource, scheme: Scheme, attention: Precision | None = None
) -> int:
    """Return the bytes of kernel memory that a model takes: weights, all dense, KV cache, programs and activations.

    `scheme` as KernelWeights takes it, `attention` as KernelRunner does. Nothing of `source` is read.
    """
    counting = CountingKernels(kernels.call("activation_bytes"))
    KernelRunner(model, StreamedWeights(counting, source, scheme), attention=attention)
    return counting.taken


def check_memory(
    kernels: Kernels,
    name: str,
    model: Architecture,
    source: WeightSource,
    scheme: Scheme,
    attention: Precision | None = None,
) -> None:
    """Raise KernelError where the model `name` can never fit, with what does: quantization-too-large, model-too-large.

    For what else see `memory_need`.
    """
    room = kernels.memory_limit - LOADING_BYTES
    if _most(model, source) < room / 2:
        return
    need = memory_need(kernels, model, source, scheme, attention)
    if need <= room:
        return
    for smaller in () if is_quantized(source) else _SMALLER.get(scheme, ()):
        smaller_need = memory_need(kernels, model, source, smaller)
        if smaller_need <= room:
            raise KernelError(
                "quantization-too-large",
                model=name,
                quantization=scheme,
                megabytes=_megabytes(need),
                limit=room // 1_000_000,
                smaller=smaller,
                smaller_megabytes=_megabytes(smaller_need),
            )
    raise KernelError("model-too-large", model=name, megabytes=_megabytes(need), limit=room // 1_000_000)


def _most(model: Architecture, source: WeightSource) -> int:
    """No more than this do weights and KV cache take, by far: what is told without recording programs."""
    weights = sum(max(4 * math.prod(info.shape), info.nbytes) for info in source.tensors.values())
    return weights + sum(8 * shape.positions * shape.columns for shape in model.cache_shapes)


def _megabytes(nbytes: int) -> int:
    return -(-nbytes // 1_000_000)
