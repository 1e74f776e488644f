"""Several safetensors files seen as one, as large models are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ModelError
from .safetensors import SafetensorsFile, open_safetensors, without_padding
from .tensor_info import TensorInfo


class ShardedWeights:
    """A WeightSource over files that hold different tensors; a tensor's offset counts in its own file."""

    def __init__(self, shards: Sequence[SafetensorsFile]) -> None:
        """Join opened files; raises ModelError("tensor-in-two-files") where two hold tensors of the same name."""
        self._shards = dict[str, SafetensorsFile]()
        self.tensors = dict[str, TensorInfo]()
        for shard in shards:
            for name, info in without_padding(shard.tensors).items():
                if name in self.tensors:
                    raise ModelError("tensor-in-two-files", tensor=repr(name))
                self.tensors[name] = info
                self._shards[name] = shard

    def read(self, name: str) -> memoryview:
        """Return the tensor's bytes, without a copy."""
        return self._shards[name].read(name)


def open_shards(paths: Sequence[Path], index: Mapping[str, str]) -> ShardedWeights:
    """Open the files of an index (tensor -> file name); ModelError("index-wrong") unless each holds what it should."""
    shards = [open_safetensors(path) for path in paths]
    for path, shard in zip(paths, shards, strict=True):
        expected = {name for name, file in index.items() if file == path.name}
        if wrong := sorted(expected ^ without_padding(shard.tensors).keys()):
            raise ModelError("index-wrong", file=path.name, tensor=repr(wrong[0]))
    return ShardedWeights(shards)
