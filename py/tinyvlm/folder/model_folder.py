"""A model's files, wherever they came from: small ones as text, and which of them hold weights.

safetensors: `model.safetensors`, or the shards that `model.safetensors.index.json` names. GGUF: one file with the text
model and, for a model that sees, one with the vision tower, which llama.cpp's converter calls `mmproj-...gguf`.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from ..errors import InputError, LoadError, ModelError
from ..git_lfs import is_pointer
from ..weights.source import WeightSource

DEFAULT_MODEL = "tinyvlm-13m"
"""The bundled model's name."""

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
TEXT_FILES = (
    "config.json",
    "generation_config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "chat_template.json",
    "chat_template.jinja",
    INDEX,
)
"""The small files of a model; all but config.json may be missing."""

FILE_NAME = re.compile(r"\w[\w.+-]{0,200}")
"""What a file in a list from elsewhere may be called: no paths, nothing hidden."""

PLAIN_NAME = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,200}")
"""What a file that a person names may be called: "model (1).gguf", but still no paths."""

_MAX_SHARDS = 1000
_GGUF_TYPES = (
    *("Q8_0", "F16", "BF16", "F32", "Q6_K", "Q5_K", "Q5_1", "Q5_0", "Q4_K", "IQ4_NL", "IQ4_XS", "Q4_1", "Q4_0"),
    *("Q3_K", "Q2_K"),
)
"""The block types that can be read: the kernels' own precision first, then by how true they are to the original."""
_GGUF_TYPE = re.compile(rf"(?i)(?:^|[-._])({'|'.join(_GGUF_TYPES)})(?=[-._])")
_GGUF_SPLIT = re.compile(r"-\d{5}-of-\d{5}\.gguf$")


@dataclass(frozen=True)
class WeightFile:
    """One file of weights: safetensors whole or a shard, a GGUF text model, or its vision tower."""

    kind: Literal["safetensors", "gguf"]
    role: Literal["model", "mmproj"]
    name: str
    path: Path


class ModelFolder(Protocol):
    """A model's files, wherever they lie."""

    @property
    def name(self) -> str:
        """A short name for people."""

    def has(self, file: str) -> bool:
        """Whether there is such a file."""

    def read_text(self, file: str) -> str:
        """Return a small file.

        Raises LoadError: "model-incomplete" where it is missing, "file-unreadable" or "lfs-pointer".
        """

    def weights(self) -> WeightSource:
        """Open the weights."""


class LocalFolder:
    """A ModelFolder on disk."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        name: str | None = None,
        *,
        file: str | None = None,
        mmproj: str | None = None,
    ) -> None:
        """Describe the folder at `path`; `file` and `mmproj` (there, or an absolute path) choose files of weights."""
        self.path = Path(path)
        self.name = name or self.path.resolve().name
        self._file = file
        self._mmproj = mmproj

    def has(self, file: str) -> bool:
        """See ModelFolder."""
        return (self.path / file).is_file()

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        try:
            text = (self.path / file).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise LoadError("model-incomplete", model=str(self.path), file=file) from error
        except (OSError, UnicodeDecodeError) as error:
            raise _unreadable(self.path / file, error) from error
        if is_pointer(text.encode()):
            raise LoadError("lfs-pointer", file=str(self.path / file))
        return text

    def weight_files(self) -> list[WeightFile]:
        """Return the files that hold weights, shards in the index's order; raises LoadError or ModelError."""
        try:
            names = [entry.name for entry in self.path.iterdir() if entry.is_file()]
        except OSError as error:
            raise _unreadable(self.path, error) from error
        chosen = choose_weights(names, self.read_text, self._file, self._mmproj)
        for name in chosen:
            if not self.has(name):
                raise LoadError("model-incomplete", model=str(self.path), file=name)
        return [
            WeightFile(_kind(name), _role(name, self._mmproj), Path(name).name, self.path / name) for name in chosen
        ]

    def weights(self) -> WeightSource:
        """See ModelFolder."""
        from ..weights.gguf import GGUFFile
        from ..weights.gguf_model import GGUFSource
        from ..weights.planes import join_if_split
        from ..weights.safetensors import open_safetensors
        from ..weights.shards import open_shards

        files = self.weight_files()
        if files[0].kind == "gguf":
            return GGUFSource([GGUFFile(file.path) for file in files])
        if len(files) == 1:
            return join_if_split(open_safetensors(files[0].path))
        return join_if_split(open_shards([file.path for file in files], read_index(self.read_text(INDEX))))


def choose_weights(
    names: Iterable[str],
    read_text: Callable[[str], str],
    file: str | None = None,
    mmproj: str | None = None,
) -> list[str]:
    """Return which of a folder's files to load weights from: `file` if given, else safetensors, else GGUF.

    Shards and explicit names are returned whether they are among `names` or not. Raises LoadError where there is no
    file of weights ("weights-file-missing") or `file` is a vision tower ("vision-tower-alone"), ModelError
    for one of several pieces, and what `read_index` raises.
    """
    names = set(names)
    if file is None and WEIGHTS in names:
        return [WEIGHTS]
    if file is None and INDEX in names:
        return list(dict.fromkeys(read_index(read_text(INDEX)).values()))
    if file is None:
        towers = {name for name in names if _role(name) == "mmproj"} | {mmproj}
        models = {name for name in names if name.endswith(".gguf") and not _GGUF_SPLIT.search(name)} - towers
        if not models:
            raise LoadError("weights-file-missing")
        file = min(models, key=_preference)
    if _kind(file) == "safetensors":
        return [file]
    if _role(file, mmproj) == "mmproj":
        raise LoadError("vision-tower-alone", file=file)
    if _GGUF_SPLIT.search(file):
        raise ModelError("gguf-split")
    mmproj = mmproj or _tower_of(file, names)
    return [file, mmproj] if mmproj else [file]


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> LoadError:
    reason = error.reason if isinstance(error, UnicodeDecodeError) else error.strerror
    return LoadError("file-unreadable", path=str(path), reason=reason or str(error))


def _tower_of(model: str, names: set[str]) -> str | None:
    """Return the vision tower that belongs to a GGUF text model: of the same name, or one named for no model."""
    towers = [name for name in names if _role(name) == "mmproj" and _stem(name) in ("", "model", _stem(model))]
    return min(towers, key=_preference, default=None)


def _stem(name: str) -> str:
    """Return the model's name in a GGUF file's name: without the type, `mmproj` and the ending."""
    name = re.sub(r"(?i)[-._]?mmproj[-._]?", "-", name.removesuffix(".gguf") + ".")
    return re.sub(rf"{_GGUF_TYPE.pattern}.*", "", name).strip("-._").lower()


def _preference(name: str) -> tuple[int, str]:
    match = _GGUF_TYPE.search(name)
    return (_GGUF_TYPES.index(match[1].upper()) if match else len(_GGUF_TYPES), name)


def _kind(name: str) -> Literal["safetensors", "gguf"]:
    return "gguf" if name.lower().endswith(".gguf") else "safetensors"


def _role(name: str, mmproj: str | None = None) -> Literal["model", "mmproj"]:
    is_tower = name == mmproj or (_kind(name) == "gguf" and "mmproj" in name.lower())
    return "mmproj" if is_tower else "model"


def read_index(text: str) -> dict[str, str]:
    """Return a safetensors index's map of tensors to files.

    Raises ModelError("index-invalid") unless every file is a plain name of a safetensors file.
    Source: https://huggingface.co/docs/transformers/big_models
    """
    try:
        weight_map = json.loads(text)["weight_map"]
        for tensor, file in weight_map.items():
            if not (isinstance(tensor, str) and FILE_NAME.fullmatch(file) and file.endswith(".safetensors")):
                raise ValueError(file)
        shards = len(set(weight_map.values()))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError("index-invalid") from error
    if not 0 < shards <= _MAX_SHARDS:
        raise ModelError("index-invalid")
    return dict(weight_map)


def is_weight_name(name: str) -> bool:
    """Whether a file is one of weights, by its ending."""
    return name.lower().endswith((".gguf", ".safetensors"))


def check_weight_name(name: str) -> str:
    """Return the name of a weight file that a user chose; raises InputError unless it can be one."""
    if not PLAIN_NAME.fullmatch(name) or not is_weight_name(name):
        raise InputError("weight-name-invalid", name=repr(name))
    return name
