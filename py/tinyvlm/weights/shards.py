"""Several safetensors files seen as one, as large models are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import ModelError
from .safetensors import PADDING, SafetensorsFile, open_safetensors
from .tensor_info import TensorInfo


class ShardedWeights:
    """A WeightSource over files that hold different tensors; a tensor's offset counts in its own file."""

    def __init__(self, shards: Sequence[SafetensorsFile]) -> None:
        """Join opened files; raises ModelError("weights-invalid") where two hold tensors of the same name."""
        self._shards = dict[str, SafetensorsFile]()
        self.tensors = dict[str, TensorInfo]()
        for shard in shards:
            for name, info in _named(shard).items():
                if name in self.tensors:
                    raise ModelError("weights-invalid", f"Two of the model's weight files hold a tensor {name!r}.")
                self.tensors[name] = info
                self._shards[name] = shard

    def read(self, name: str) -> memoryview:
        """Return the tensor's bytes, without a copy."""
        return self._shards[name].read(name)


def open_shards(paths: Sequence[Path], index: Mapping[str, str]) -> ShardedWeights:
    """Open the files of an index (tensor -> file name); raises ModelError unless each holds just what it should."""
    shards = [open_safetensors(path) for path in paths]
    for path, shard in zip(paths, shards, strict=True):
        expected = {name for name, file in index.items() if file == path.name}
        if wrong := sorted(expected ^ _named(shard).keys()):
            sentence = f"The model's index and its weight file {path.name} disagree about tensor {wrong[0]!r}."
            raise ModelError("weights-invalid", sentence)
    return ShardedWeights(shards)


def _named(shard: SafetensorsFile) -> dict[str, TensorInfo]:
    return {name: info for name, info in shard.tensors.items() if not name.startswith(PADDING)}
