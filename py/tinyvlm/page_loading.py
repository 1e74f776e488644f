"""Opens a published model in the page: headers first, then one piece of a file after the other.

The page fetches bytes and puts them where it is told, in kernel memory; nothing of a weights file but its header passes
through Python.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from .backends.kernel import KernelRunner
from .backends.kernels import Kernels, allocate
from .errors import LoadError, ModelError
from .model_reader import read_model
from .vlm import VLM
from .weights.gguf import HeaderIncomplete
from .weights.gguf import parse_header as parse_gguf
from .weights.gguf_model import GGUFSource
from .weights.pending import PendingFile, PendingWeights
from .weights.quantize import Scheme
from .weights.safetensors import parse_header as parse_safetensors
from .weights.source import WeightSource, is_quantized


class PageFolder:
    """A model folder of which the page has brought the small files, as texts."""

    def __init__(self, name: str, texts: Mapping[str, str], weights: WeightSource) -> None:
        """Describe what the loader has brought."""
        self.name, self._texts, self._weights = name, texts, weights

    def has(self, file: str) -> bool:
        """See ModelFolder."""
        return file in self._texts

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        if file not in self._texts:
            raise LoadError("model-incomplete", f"The model folder has no {file}.", file=file)
        return self._texts[file]

    def weights(self) -> WeightSource:
        """See ModelFolder."""
        return self._weights


class StreamedModel:
    """A model on its way into kernel memory."""

    def __init__(
        self, kernels: Kernels, name: str, texts: Mapping[str, str], files: Sequence[Mapping[str, Any]]
    ) -> None:
        """Announce the files of weights: each has a `kind` ("safetensors" or "gguf") and a `size` in bytes."""
        self._kernels, self._name, self._texts = kernels, name, texts
        self._kinds = [(file["kind"], file["size"]) for file in files]
        self._headers: dict[int, PendingFile] = {}
        self._started = time.perf_counter()
        self._runner: KernelRunner | None = None
        self._staging, self._next = 0, 0

    def header(self, index: int, data: bytes) -> int:
        """Read a file's first bytes; return 0, or how many are needed. Raises ModelError for a header that lies."""
        kind, size = self._kinds[index]
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
        """Make room for all weights and record the programs; return the number of bytes that will be asked for."""
        files = [self._headers[index] for index in range(len(self._kinds))]
        source: Any = GGUFSource(files) if self._kinds[0][0] == "gguf" else PendingWeights(files)
        parts = read_model(PageFolder(self._name, self._texts, source), source)
        scheme: Scheme = "float32" if is_quantized(source) else "q8"
        self._parts = parts
        runner = self._runner = KernelRunner(parts.model, source, self._kernels, scheme=scheme, deferred=True)
        fills = runner.weights.fills
        place = {fill: (source.file_of(fill.tensor), source.tensors[fill.tensor].offset + fill.begin) for fill in fills}
        self._pieces = sorted(((*place[fill], fill) for fill in fills), key=lambda piece: piece[:2])
        self._staging = allocate(self._kernels, max((fill.nbytes for fill in fills), default=1))
        return sum(fill.nbytes for fill in fills)

    def piece(self) -> dict[str, int] | None:
        """Say what is wanted next: bytes of a file, in rising order, and where in kernel memory to put them."""
        if self._next == len(self._pieces):
            return None
        file, offset, fill = self._pieces[self._next]
        return {"file": file, "offset": offset, "nbytes": fill.nbytes, "address": self._staging}

    def placed(self) -> None:
        """The piece lies there: pack it."""
        self._pieces[self._next][2].place(self._staging)
        self._next += 1

    def finish(self) -> VLM:
        """Return the model, all of whose pieces are placed."""
        if self._runner is None or self._next < len(self._pieces):
            raise ModelError("model-incomplete", "Not all of the model has arrived.")
        self._free_staging()
        self._runner.weights.finish()
        return VLM(self._parts, self._runner, (time.perf_counter() - self._started) * 1000)

    def give_up(self) -> None:
        """Give memory back where loading has failed."""
        self._free_staging()
        if self._runner:
            self._runner.close()

    def _free_staging(self) -> None:
        if self._staging:
            self._kernels.call("heap_free", self._staging)
            self._staging = 0
