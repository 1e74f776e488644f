"""Who executes a model that a person opens: the kernels under wasmtime where that is installed, or numpy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Literal

from ..errors import InputError, KernelError
from ..models.architecture import Architecture
from ..ops import Precision
from ..weights.quantize import Scheme
from ..weights.source import Float32Weights, QuantizedWeights, WeightSource, is_held_as, is_quantized, packing_scheme
from . import Runner

if TYPE_CHECKING:
    from .kernel_interface import Kernels

Backend = Literal["auto", "numpy", "wasm"]


def open_runner(
    backend: Backend,
    name: str,
    model: Architecture,
    source: WeightSource,
    quantization: Scheme | None,
    threads: int | None,
) -> Runner:
    """Return a runner of the weights of the model `name`, held as `VLM.from_pretrained` says.

    Raises InputError: "bad-argument" or "wasmtime-missing"; ModelError("quantization-missing"), KernelError as
    `check_memory` does, or what the weights raise.
    """
    if backend not in ("auto", "numpy", "wasm"):
        raise InputError("bad-argument", name="backend", expected="auto, numpy, wasm", value=repr(backend))
    quantized = is_quantized(source)
    if quantized and quantization == "float32":
        source = Float32Weights(source)
    scheme = packing_scheme(source, quantization)
    if backend != "numpy":
        try:
            from .wasmtime_kernels import WasmtimeKernels
        except ImportError as error:
            if backend == "wasm":
                raise InputError("wasmtime-missing") from error
        else:
            attention: Precision | None = "float32" if quantization == "float32" else None
            kernels = WasmtimeKernels(threads=threads)
            try:
                return _kernel_runner(kernels, name, model, source, scheme, attention)
            except BaseException:
                kernels.close()
                raise
    from .reference_runner import ReferenceRunner

    if not quantized and quantization not in (None, "float32"):
        source = QuantizedWeights(source, quantization)
    return ReferenceRunner(model, source)


def _kernel_runner(
    kernels: Kernels, name: str, model: Architecture, source: WeightSource, scheme: Scheme, attention: Precision | None
) -> Runner:
    """Return a runner on `kernels`, which are its own. Raises KernelError, with what would fit if anything does."""
    from .kernel_runner import KernelRunner
    from .kernel_weights import KernelWeights
    from .memory_need import check_memory

    check = partial(check_memory, kernels, name, model, source, scheme, attention)
    if not is_held_as(source, "q8"):  # there zero blocks take no room, and are only found as they come in
        check()
    try:
        weights = KernelWeights(kernels, source, scheme)
        return KernelRunner(model, weights, owns_kernels=True, attention=attention)
    except KernelError as error:
        if error.code == "out-of-memory":
            check()
        raise
