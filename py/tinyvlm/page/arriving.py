"""Weights on their way into kernel memory, and how all that the page's worker calls answers.

Every method answers with one JSON string, {"ok": ...} or {"error": {"code", "message", "details"}}, so that no Python
object has to be kept alive or freed on the other side.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..errors import TinyVLMError
from .streamed_folder import StreamedFolder


class Arriving:
    """Weights on their way in."""

    def __init__(self, folder: StreamedFolder) -> None:
        """Begin with what was announced of its files."""
        self._folder = folder

    def header(self, index: int, data: Any) -> str:
        """Take a file's first bytes (a JS Uint8Array); return 0, or how many are needed."""
        return answered(lambda: self._folder.header(index, data.to_bytes()))

    def prepare(self) -> str:
        """Make room; return {"nbytes": that will be asked for, "lossy": whether 4 bits cost the model much}."""
        return answered(self._prepare)

    def next_fill(self) -> str:
        """Return what is wanted next: {"file", "offset", "nbytes", "address"}; null when all is there."""
        return answered(self._folder.next_fill)

    def filled(self) -> str:
        """The bytes lie where they were wanted; return the milestones that are newly reached."""
        return answered(self._folder.filled)

    def give_up(self) -> str:
        """Give memory back where loading has failed."""
        return answered(self._folder.give_up)

    def _prepare(self) -> dict[str, int | bool]:
        return {"nbytes": self._folder.prepare(), "lossy": False}


def answered(action: Callable[[], Any]) -> str:
    """Return what an action returns, or raises, as JSON."""
    try:
        return json.dumps({"ok": action()})
    except TinyVLMError as error:
        wire = {"code": error.code, "message": str(error), "details": error.details}
        return json.dumps({"error": wire})
