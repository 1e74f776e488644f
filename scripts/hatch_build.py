"""Hatch's build hook: decides whether a wheel carries the kernels and the bundled model.

`pip install .` gives all of it. With TINYVLM_CORE_WHEEL=1 the wheel is Python alone: the page fetches kernels and
weights by themselves. An editable install takes both from the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BundleHook(BuildHookInterface[Any]):
    """Adds what is not Python, unless a core wheel is wanted."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See BuildHookInterface; `version` is "standard" or "editable"."""
        if version == "editable" or os.environ.get("TINYVLM_CORE_WHEEL") == "1":
            return
        root, model = Path(self.root), self.config["default-model"]
        for kernels in sorted((root / "py/tinyvlm/wasm").glob("*.wasm")):
            build_data["force_include"][str(kernels)] = f"tinyvlm/wasm/{kernels.name}"
        folder = root / "web/models" / model
        if folder.is_dir():
            build_data["force_include"][str(folder)] = f"tinyvlm/bundled/{model}"
        else:
            self.app.display_warning(f"web/models/{model} is missing: this wheel has no bundled model.")
