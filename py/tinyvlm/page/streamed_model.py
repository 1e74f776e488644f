"""Opens a model in the page, as its bytes come (streamed_folder.py).

On the way it passes milestones: "vision", it can encode images; "draft", it can answer, from matrices whose low planes
are still to come (weights/planes.py); "whole".
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..backends.kernel_interface import Kernels
from ..backends.kernel_runner import KernelRunner
from ..backends.memory_need import check_memory
from ..backends.streamed_weights import StreamedWeights
from ..errors import InputError
from ..folder.model_reader import read_model
from ..reader import Reader
from ..vlm import VLM
from ..weights.gguf_model import GGUFSource
from ..weights.loss import is_small
from ..weights.pending import PendingWeights
from ..weights.planes import join_if_split
from ..weights.quantize import Scheme
from ..weights.source import WeightSource, packing_scheme
from .streamed_folder import PageFolder, StreamedFolder

QUANTIZATIONS: tuple[Scheme, ...] = ("q8", "q4")


class StreamedModel(StreamedFolder):
    """A model on its way into kernel memory."""

    def __init__(
        self,
        kernels: Kernels,
        name: str,
        texts: Mapping[str, str],
        files: Sequence[Mapping[str, Any]],
        quantization: Scheme | None = None,
        *,
        open_reader: Callable[[], Reader] | None = None,
    ) -> None:
        """Announce the files of weights: each has a `name`, a `kind` ("safetensors" or "gguf"), a `size` in bytes.

        `quantization`: "q8" or "q4"; None keeps weights that are quantized already, and makes others q8. `open_reader`:
        see VLM.
        """
        super().__init__(kernels, files)
        self.is_lossy = False
        """Whether the model loses much by its quantization; known once `prepare` has returned."""
        self._quantization = quantization
        self._name = name
        self._texts = texts
        self._open_reader = open_reader
        self._started = time.perf_counter()
        self._runner: KernelRunner | None = None

    def prepare(self) -> int:
        """Make room for all weights and record the programs; return the number of bytes that will be asked for.

        `vlm` is then the model, of use as far as `has` says. Raises KernelError where there can never be room.
        """
        if self._quantization not in (None, *QUANTIZATIONS):
            expected = ", ".join(QUANTIZATIONS)
            raise InputError("bad-argument", name="quantization", expected=expected, value=repr(self._quantization))
        headers = self._pending()
        files: Any = GGUFSource(headers, tower_asked=False) if self._kinds[0][0] == "gguf" else PendingWeights(headers)
        source: WeightSource = files if isinstance(files, GGUFSource) else join_if_split(files)
        parts = read_model(PageFolder(self._name, self._texts, source), source)
        scheme = packing_scheme(source, self._quantization)
        self.is_lossy = scheme == "q4" and is_small(source.tensors)
        check_memory(self._kernels, parts.name, parts.model, source, scheme)
        weights = StreamedWeights(self._kernels, source, scheme)
        runner = self._runner = KernelRunner(parts.model, weights)
        nbytes = self._await(weights, files)
        self.vlm = VLM(parts, runner, 0, draft=self._waiting["refine"] > 0, open_reader=self._open_reader)
        if self.vlm.sees:
            self._ahead["vision"] = {"vision"}
        if self._waiting["refine"]:
            self._ahead["draft"] = {"vision", "text"}
        self._ahead["whole"] = {"vision", "text", "refine"}
        return nbytes

    def give_up(self) -> None:
        """See StreamedFolder: what was packed already goes, too."""
        super().give_up()
        if self._runner:
            self._runner.close()

    def _complete(self) -> None:
        self.vlm.make_exact((time.perf_counter() - self._started) * 1000)
