"""Who executes networks that a person opens: the kernels under wasmtime where that is installed, or numpy."""

from __future__ import annotations

from ..errors import InputError
from ..weights.source import WeightSource
from .networks import Networks
from .open_runner import Backend


def open_networks(backend: Backend, source: WeightSource, threads: int | None) -> Networks:
    """Return networks over the weights of `source`.

    Raises InputError ("bad-argument", "wasmtime-missing"), or what the kernels raise.
    """
    if backend not in ("auto", "numpy", "wasm"):
        raise InputError("bad-argument", name="backend", expected="auto, numpy, wasm", value=repr(backend))
    if backend != "numpy":
        try:
            from .wasmtime_kernels import WasmtimeKernels
        except ImportError as error:
            if backend == "wasm":
                raise InputError("wasmtime-missing") from error
        else:
            from .kernel_networks import KernelNetworks
            from .kernel_weights import KernelWeights

            kernels = WasmtimeKernels(threads=threads)
            try:
                return KernelNetworks(KernelWeights(kernels, source), owns_kernels=True)
            except BaseException:
                kernels.close()
                raise
    from .reference_networks import ReferenceNetworks

    return ReferenceNetworks(source)
