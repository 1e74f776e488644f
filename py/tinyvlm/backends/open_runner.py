"""Who executes a model that a person opens: the kernels under wasmtime where that is installed, or numpy."""

from __future__ import annotations

from typing import Literal

from ..errors import InputError, ModelError
from ..models.architecture import Architecture
from ..ops import Precision
from ..weights.quantize import Scheme
from ..weights.source import Float32Weights, QuantizedWeights, WeightSource, is_held_as, is_quantized
from . import Runner

Backend = Literal["auto", "numpy", "wasm"]


def open_runner(
    backend: Backend, model: Architecture, source: WeightSource, quantization: Scheme | None, threads: int | None
) -> Runner:
    """Return a runner of a model's weights, held as `VLM.from_pretrained` says.

    Raises InputError: "bad-argument" or "wasmtime-missing"; ModelError("quantization-missing"), or what the weights
    raise.
    """
    if backend not in ("auto", "numpy", "wasm"):
        raise InputError("bad-argument", name="backend", expected="auto, numpy, wasm", value=repr(backend))
    quantized = is_quantized(source)
    if quantized and quantization == "float32":
        source = Float32Weights(source)
    elif quantized and quantization is not None and not is_held_as(source, quantization):
        raise ModelError("quantization-missing", quantization=quantization)
    if backend != "numpy":
        try:
            from .wasmtime_kernels import WasmtimeKernels
        except ImportError as error:
            if backend == "wasm":
                raise InputError("wasmtime-missing") from error
        else:
            from .kernel_runner import KernelRunner
            from .kernel_weights import KernelWeights

            scheme: Scheme = "float32" if quantized else quantization or "q8"
            attention: Precision | None = "float32" if quantization == "float32" else None
            kernels = WasmtimeKernels(threads=threads)
            try:
                weights = KernelWeights(kernels, source, scheme)
                return KernelRunner(model, weights, owns_kernels=True, attention=attention)
            except BaseException:
                kernels.close()
                raise
    from .reference_runner import ReferenceRunner

    if not quantized and quantization not in (None, "float32"):
        source = QuantizedWeights(source, quantization)
    return ReferenceRunner(model, source)
