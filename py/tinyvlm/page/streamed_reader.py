"""Opens the text reader in the page, beside the model: its bytes come as a model's do (streamed_folder.py).

Imported when the reader arrives, and not before: the page's first answer does not wait for what reads text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ..backends.kernel_interface import Kernels
from ..backends.kernel_networks import KernelNetworks
from ..backends.streamed_weights import StreamedWeights
from ..errors import ModelError
from ..reading.reader import Reader
from ..weights.pending import PendingWeights
from .streamed_folder import PageFolder, StreamedFolder


class StreamedReader(StreamedFolder):
    """A reader on its way into kernel memory."""

    reader: Reader
    """Of use once the milestone "reader" is reached."""

    def __init__(self, kernels: Kernels, texts: Mapping[str, str], files: Sequence[Mapping[str, Any]]) -> None:
        """Take the texts of its small files by name, and what is known of its files of weights (StreamedFolder)."""
        super().__init__(kernels, files)
        self._texts = texts
        self._networks: KernelNetworks | None = None

    def prepare(self) -> int:
        """Make room for all weights; return the number of bytes that will be asked for.

        Raises LoadError or ModelError for a folder that is no reader's, KernelError where there is no room.
        """
        source = PendingWeights(self._pending())
        config = _read_config(PageFolder("reader", self._texts, source))
        weights = StreamedWeights(self._kernels, source)
        self._networks = KernelNetworks(weights)
        self.reader = Reader(self._networks, config)
        self.reader.prepare()
        self._ahead["reader"] = {"text"}
        return self._await(weights, source)

    def give_up(self) -> None:
        """See StreamedFolder: what was packed already goes, too."""
        super().give_up()
        self.is_whole = False
        if self._networks:
            self._networks.close()
            self._networks = None


def _read_config(folder: PageFolder) -> Any:
    try:
        return json.loads(folder.read_text("config.json"))
    except (ValueError, RecursionError) as error:
        raise ModelError("json-invalid", file="config.json") from error
