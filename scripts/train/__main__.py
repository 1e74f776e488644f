"""The door of `python3 scripts/train`, whose commands are in commands.py."""

from __future__ import annotations

import runpy
from pathlib import Path

ENVIRONMENT = Path(__file__).resolve().parents[1] / "support" / "environment.py"

if __name__ == "__main__":
    # Started by its path, Python sees this folder alone: not the package that it is, and none of those beside it.
    runpy.run_path(str(ENVIRONMENT))["start_module"]("train.commands")
