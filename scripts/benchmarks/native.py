"""What is measured without a browser, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any

from fixtures.shapes import shape_image
from support.environment import note
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels

from . import bundled_speed, networks, ops, smolvlm

BUILDS = [(variant, threads) for variant in ("relaxed", "simd128") for threads in (1, 2)]
"""Of the kernels, as they are measured natively and in the page."""


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": model,
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def measure() -> dict[str, Any]:
    """Kernels and the bundled model under wasmtime, and the model on numpy."""
    figures: dict[str, Any] = {}
    for variant, threads in BUILDS:
        note(f"kernels and networks under wasmtime, {variant}, {threads} threads ...")
        kernels = WasmtimeKernels(variant=variant, threads=threads)
        figures[f"kernels {variant} {threads}t"] = ops.measure(kernels)
        figures[f"networks {variant} {threads}t"] = networks.measure(kernels)
        kernels.close()
    for name in smolvlm.MODELS:
        note(f"{name} under wasmtime ...")
        kernels = WasmtimeKernels(threads=2)
        figures[f"{name} relaxed 2t"] = smolvlm.measure(kernels, name)
        kernels.close()
    image = shape_image(size=256)
    note("the model under wasmtime ...")
    for threads in (1, 2):
        figures[f"model wasm, {threads} threads"] = bundled_speed.measure(image, backend="wasm", threads=threads)
    note("the model on numpy ...")
    figures["model numpy"] = bundled_speed.measure(image, backend="numpy", repeats=5)
    return figures
