"""The text reader beside a model in the page: on its way in, there, and reading one picture step by step.

What reads text is imported when its weights arrive: a page starts sooner without it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..backends.kernel_interface import Kernels
from ..errors import LoadError
from ..media.images import RGBImage
from ..reader import Reader
from ..reading.reading import Line, Reading

if TYPE_CHECKING:
    from .streamed_reader import StreamedReader


class PageReader:
    """One reader, and what it is reading."""

    def __init__(self, kernels: Kernels) -> None:
        """Start without one; `kernels` are the model's, too."""
        self._kernels = kernels
        self._streamed: StreamedReader | None = None
        self._steps: Generator[Line | None, None, Reading] | None = None
        self._started = 0.0

    def load(self, texts: Mapping[str, str], files: Sequence[Mapping[str, Any]]) -> StreamedReader:
        """Announce its files (see StreamedReader); it takes the place of one that could not be had."""
        from .streamed_reader import StreamedReader

        self._streamed = StreamedReader(self._kernels, texts, files)
        return self._streamed

    def open(self) -> Reader:
        """Return the reader, as VLM wants it; raises LoadError("reader-unavailable") before all of it is there."""
        return Reader(self._whole().reader)

    def begin(self, picture: RGBImage) -> None:
        """Begin to read; a reading that was not at its end is given up."""
        self._steps = self._whole().reader.steps(picture)
        self._kernels.call("engine_set_stop", 0)  # what stopped another request does not stop this one
        self._started = time.perf_counter()

    def step(self) -> tuple[Line | None, Reading | None]:
        """Go one step on: a line, if it found one, or the reading at the end. Raises CancelledError when stopped."""
        if self._steps is None:
            raise LoadError("not-loaded")
        try:
            return next(self._steps), None
        except StopIteration as end:
            self._steps = None
            return None, end.value

    @property
    def elapsed_ms(self) -> float:
        """Since the reading began."""
        return (time.perf_counter() - self._started) * 1000

    def _whole(self) -> StreamedReader:
        if self._streamed is None or not self._streamed.is_whole:
            raise LoadError("reader-unavailable", reason="It is still on its way.")
        return self._streamed
