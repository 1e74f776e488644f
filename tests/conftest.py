"""For all tests: hypothesis's settings, and the package for the processes that tests start."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT / "py")

# The same cases every time: a failure that only some machines see helps no one. No deadline: machines are shared.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
