"""For all tests: hypothesis's settings; the package, and Ctrl+C, for the processes that tests start."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTHONPATH"] = str(ROOT / "py")
# A shell's background jobs ignore Ctrl+C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same cases every time: a failure that only some machines see helps no one. No deadline: machines are shared.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")
