"""Weights whose headers are known and whose bytes are on their way: what the page's loader streams in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import ModelError
from .safetensors import without_padding
from .tensor_info import TensorInfo


class PendingFile:
    """A parsed header: safetensors', or GGUF's with its metadata."""

    def __init__(self, tensors: Mapping[str, TensorInfo], metadata: Mapping[str, Any]) -> None:
        """Keep what the header says."""
        self.tensors = tensors
        self.metadata = metadata

    def read(self, name: str) -> Any:
        """There are no bytes to read yet."""
        raise NotImplementedError(name)


class PendingWeights:
    """A `WeightSource` over one or several safetensors files. Offsets count in the file that `file_of` tells."""

    def __init__(self, files: Sequence[PendingFile]) -> None:
        """Join the files, without padding; raises ModelError("tensor-in-two-files") where two hold one tensor."""
        self.tensors = dict[str, TensorInfo]()
        self._files = dict[str, int]()
        for index, file in enumerate(files):
            for name, info in without_padding(file.tensors).items():
                if name in self.tensors:
                    raise ModelError("tensor-in-two-files", tensor=repr(name))
                self.tensors[name] = info
                self._files[name] = index

    def file_of(self, name: str) -> int:
        """Return the index of the file that holds a tensor."""
        return self._files[name]

    def read(self, name: str) -> Any:
        """There are no bytes to read yet."""
        raise NotImplementedError(name)
