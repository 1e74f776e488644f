"""Cases that Python and JavaScript must answer alike (tests/vectors)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("vectors")


def read_vectors(rule: str) -> dict[str, Any]:
    """Return a file of cases: each has an input, and `result` or the code of an `error`."""
    vectors: dict[str, Any] = json.loads((_FOLDER / f"{rule}.json").read_text(encoding="utf-8"))
    return vectors


def cases(rule: str) -> list[dict[str, Any]]:
    """Return the cases of a rule."""
    return list(read_vectors(rule)["cases"])
