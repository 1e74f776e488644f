"""Files of weights on their way into kernel memory: headers first, then one fill of a matrix after the other.

The page fetches bytes and puts them where it is told; nothing of a weights file but its header passes through Python.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..backends.kernel_interface import Kernels, allocate
from ..backends.kernel_weights import Stage
from ..backends.streamed_weights import Fill, StreamedWeights
from ..errors import LoadError
from ..git_lfs import is_pointer
from ..weights.gguf import HeaderIncomplete
from ..weights.gguf import parse_header as parse_gguf
from ..weights.gguf_model import GGUFSource
from ..weights.pending import PendingFile, PendingWeights
from ..weights.safetensors import parse_header as parse_safetensors
from ..weights.source import WeightSource

Milestone = Literal["vision", "draft", "whole", "reader"]


class PageFolder:
    """A model folder of which the page has brought the small files, as texts."""

    def __init__(self, name: str, texts: Mapping[str, str], weights: WeightSource) -> None:
        """Describe what the loader has brought."""
        self.name = name
        self._texts = texts
        self._weights = weights

    def has(self, file: str) -> bool:
        """See ModelFolder."""
        return file in self._texts

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        if file not in self._texts:
            raise LoadError("model-incomplete", model=self.name, file=file)
        if is_pointer(self._texts[file].encode()):
            raise LoadError("lfs-pointer", file=file)
        return self._texts[file]

    def weights(self) -> WeightSource:
        """See ModelFolder."""
        return self._weights


class StreamedFolder:
    """Weights on their way in; what they are for, `prepare` of those that are built on this knows."""

    def __init__(self, kernels: Kernels, files: Sequence[Mapping[str, Any]]) -> None:
        """Announce the files: each has a `name`, a `kind` ("safetensors" or "gguf"), a `size` in bytes."""
        self._kernels = kernels
        self._kinds = [(file["kind"], file["size"]) for file in files]
        self._names = [file["name"] for file in files]
        self._headers: dict[int, PendingFile] = {}
        self._weights: StreamedWeights | None = None
        self._fills: list[tuple[int, int, Fill]] = []
        self._staging = 0
        self._next = 0
        self._waiting = Counter[Stage]()
        self._ahead = dict[Milestone, set[Stage]]()
        """Milestones and what each waits for; the last of them waits for all."""
        self.is_whole = False

    def header(self, index: int, data: bytes) -> int:
        """Read a file's first bytes; return 0, or how many are needed.

        Raises ModelError for a header that lies, LoadError where Git LFS has not brought the file.
        """
        kind, size = self._kinds[index]
        if is_pointer(data):
            raise LoadError("lfs-pointer", file=self._names[index])
        if kind == "gguf":
            try:
                gguf = parse_gguf(data, size)
            except HeaderIncomplete as incomplete:
                return incomplete.needed
            self._headers[index] = PendingFile(gguf.tensors, gguf.metadata)
            return 0
        needed = 8 + int.from_bytes(data[:8], "little") if len(data) >= 8 else 8
        if len(data) < needed <= min(size, 100_000_000):
            return needed
        header = parse_safetensors(data, size)
        self._headers[index] = PendingFile(header.tensors, header.metadata)
        return 0

    def prepare(self) -> int:
        """Make room for all weights; return the number of bytes that will be asked for."""
        raise NotImplementedError

    def next_fill(self) -> dict[str, int] | None:
        """Say what is wanted next: bytes of a file, in rising order, and where in kernel memory to put them."""
        if self._next == len(self._fills):
            return None
        file, offset, fill = self._fills[self._next]
        return {"file": file, "offset": offset, "nbytes": fill.nbytes, "address": self._staging}

    def filled(self) -> list[Milestone]:
        """Its bytes lie there: pack them. Return the milestones that this reaches.

        Between "draft" and "whole" every fill changes weights: an answer that is to be of one draft ends before.
        """
        fill = self._fills[self._next][2]
        fill.place(self._staging)
        self._next += 1
        self._waiting[fill.stage] -= 1
        reached = [name for name, stages in self._ahead.items() if self.has(*stages)]
        for name in reached:
            del self._ahead[name]
        if not self._ahead:
            self._free_staging()
            if self._weights:
                self._weights.finish()
            self.is_whole = True
            self._complete()
        return reached

    def has(self, *stages: Stage) -> bool:
        """Whether all that is needed for these is in its place."""
        return not any(self._waiting[stage] for stage in stages)

    def give_up(self) -> None:
        """Give memory back where loading has failed."""
        self._free_staging()

    def _pending(self) -> list[PendingFile]:
        return [self._headers[index] for index in range(len(self._kinds))]

    def _await(self, weights: StreamedWeights, files: PendingWeights | GGUFSource) -> int:
        """Line up what `weights` have asked for, in the order of the files; return its size in bytes."""
        self._weights = weights
        fills = weights.fills
        place = {fill: (files.file_of(fill.tensor), files.tensors[fill.tensor].offset + fill.begin) for fill in fills}
        self._fills = sorted(((*place[fill], fill) for fill in fills), key=lambda located: located[:2])
        self._staging = allocate(self._kernels, max((fill.nbytes for fill in fills), default=1))
        self._waiting = Counter(fill.stage for fill in fills)
        return sum(fill.nbytes for fill in fills)

    def _complete(self) -> None:
        """All bytes are in their places."""

    def _free_staging(self) -> None:
        if self._staging:
            self._kernels.call("heap_free", self._staging)
            self._staging = 0
