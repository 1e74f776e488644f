"""Hatch's build hook: decides whether a wheel carries the kernels, the bundled models and what is for terminals.

`pip install .` gives all of it. With TINYVLM_CORE_WHEEL=1 the wheel is Python alone, less the modules that no page can
use: the page fetches kernels and weights by themselves. An editable install takes both from the checkout.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


def is_core() -> bool:
    """Whether the page's wheel is built."""
    return os.environ.get("TINYVLM_CORE_WHEEL") == "1"


class ReadmeHook(MetadataHookInterface):
    """Puts README.md into the metadata, unless a core wheel is wanted."""

    def update(self, metadata: dict[str, Any]) -> None:
        """See MetadataHookInterface."""
        text = "" if is_core() else (Path(self.root) / "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


class BundleHook(BuildHookInterface[Any]):
    """Adds what is not Python, unless a core wheel is wanted."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """See BuildHookInterface; `version` is "standard" or "editable"."""
        if version == "editable" or is_core():
            return
        root = Path(self.root)
        for kernels in sorted((root / "py/tinyvlm/wasm").glob("*.wasm")):
            build_data["force_include"][str(kernels)] = f"tinyvlm/wasm/{kernels.name}"
        wheel = self.build_config.target_config
        for name in (pattern for pattern in wheel["exclude"] if pattern.endswith(".py")):
            build_data["force_include"][str(root / name)] = name.removeprefix("py/")
        for model in (self.config["default-model"], self.config["reader"]):
            folder = root / "web/models" / model
            if folder.is_dir():
                build_data["force_include"][str(folder)] = f"tinyvlm/bundled/{model}"
            else:
                self.app.display_warning(f"web/models/{model} is missing: this wheel lacks it.")
