"""Opens a model in the page: headers first, then one fill of a matrix after the other.

The page fetches bytes and puts them where it is told, in kernel memory; nothing of a weights file but its header passes
through Python. On the way the model passes milestones: "vision", it can encode images; "draft", it can answer, from
matrices whose low planes are still to come (weights/planes.py); "whole".
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from ..backends.kernel_interface import Kernels, allocate
from ..backends.kernel_runner import KernelRunner
from ..backends.kernel_weights import Stage
from ..backends.memory_need import check_memory
from ..backends.streamed_weights import StreamedWeights
from ..errors import InputError, LoadError
from ..folder.model_reader import read_model
from ..git_lfs import is_pointer
from ..vlm import VLM
from ..weights.gguf import HeaderIncomplete
from ..weights.gguf import parse_header as parse_gguf
from ..weights.gguf_model import GGUFSource
from ..weights.loss import is_small
from ..weights.pending import PendingFile, PendingWeights
from ..weights.planes import join_if_split
from ..weights.quantize import Scheme
from ..weights.safetensors import parse_header as parse_safetensors
from ..weights.source import WeightSource, packing_scheme

Milestone = Literal["vision", "draft", "whole"]

QUANTIZATIONS: tuple[Scheme, ...] = ("q8", "q4")


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


class StreamedModel:
    """A model on its way into kernel memory."""

    def __init__(
        self,
        kernels: Kernels,
        name: str,
        texts: Mapping[str, str],
        files: Sequence[Mapping[str, Any]],
        quantization: Scheme | None = None,
    ) -> None:
        """Announce the files of weights: each has a `name`, a `kind` ("safetensors" or "gguf"), a `size` in bytes.

        `quantization`: "q8" or "q4"; None keeps weights that are quantized already, and makes others q8.
        """
        self.is_lossy = False
        """Whether the model loses much by its quantization; known once `prepare` has returned."""
        self._kernels = kernels
        self._quantization = quantization
        self._name = name
        self._texts = texts
        self._kinds = [(file["kind"], file["size"]) for file in files]
        self._names = [file["name"] for file in files]
        self._headers: dict[int, PendingFile] = {}
        self._started = time.perf_counter()
        self._runner: KernelRunner | None = None
        self._staging = 0
        self._next = 0
        self._waiting = Counter[Stage]()
        self._ahead = dict[Milestone, set[Stage]]()

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
        """Make room for all weights and record the programs; return the number of bytes that will be asked for.

        `vlm` is then the model, of use as far as `has` says. Raises KernelError where there can never be room.
        """
        if self._quantization not in (None, *QUANTIZATIONS):
            expected = ", ".join(QUANTIZATIONS)
            raise InputError("bad-argument", name="quantization", expected=expected, value=repr(self._quantization))
        headers = [self._headers[index] for index in range(len(self._kinds))]
        files: Any = GGUFSource(headers, tower_asked=False) if self._kinds[0][0] == "gguf" else PendingWeights(headers)
        source: WeightSource = files if isinstance(files, GGUFSource) else join_if_split(files)
        parts = read_model(PageFolder(self._name, self._texts, source), source)
        scheme = packing_scheme(source, self._quantization)
        self.is_lossy = scheme == "q4" and is_small(source.tensors)
        check_memory(self._kernels, parts.name, parts.model, source, scheme)
        weights = StreamedWeights(self._kernels, source, scheme)
        runner = self._runner = KernelRunner(parts.model, weights)
        fills = weights.fills
        place = {fill: (files.file_of(fill.tensor), files.tensors[fill.tensor].offset + fill.begin) for fill in fills}
        self._fills = sorted(((*place[fill], fill) for fill in fills), key=lambda located: located[:2])
        self._staging = allocate(self._kernels, max((fill.nbytes for fill in fills), default=1))
        self._waiting = Counter(fill.stage for fill in fills)
        self.vlm = VLM(parts, runner, 0, draft=self._waiting["refine"] > 0)
        if self.vlm.sees:
            self._ahead["vision"] = {"vision"}
        if self._waiting["refine"]:
            self._ahead["draft"] = {"vision", "text"}
        self._ahead["whole"] = {"vision", "text", "refine"}
        return sum(fill.nbytes for fill in fills)

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
        if "whole" in reached:
            self._free_staging()
            if self._runner:
                self._runner.weights.finish()
            self.vlm.make_exact((time.perf_counter() - self._started) * 1000)
        return reached

    def has(self, *stages: Stage) -> bool:
        """Whether all that is needed for these is in its place."""
        return not any(self._waiting[stage] for stage in stages)

    def give_up(self) -> None:
        """Give memory back where loading has failed."""
        self._free_staging()
        if self._runner:
            self._runner.close()

    def _free_staging(self) -> None:
        if self._staging:
            self._kernels.call("heap_free", self._staging)
            self._staging = 0
