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
from pathlib import Path, PurePath
from typing import Literal, Protocol

from ..errors import InputError, LoadError, ModelError
from ..git_lfs import is_pointer
from ..weights.source import WeightSource

DEFAULT_MODEL = "tinyvlm-13m"
"""The bundled model's name."""

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
CLASS_NAMES = "class_names.json"
TEXT_FILES = (
    "config.json",
    "generation_config.json",
    CLASS_NAMES,
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
_GGUF_PIECE = re.compile(r"(?i)(.+)-(\d{5})-of-(\d{5})(\.gguf)")
_TYPE_WORDS = re.compile(r"(?i)(?:^|[-._])(?:UD|i1|imat|imatrix|B?F\d\d|FP\d\d|I?Q\d\w*)(?=[-._]).*")
"""What follows a model's name in a GGUF file's: its type, of which there are more than are read."""

Inside = Callable[[str], str | None]
"""A GGUF file's name -> its architecture, as the header tells it: "clip" for a vision tower. None: nobody looked."""


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
        chosen = choose_weights(names, self.read_text, self._file, self._mmproj, self._inside)
        for name in chosen:
            if not self.has(name):
                raise LoadError("model-incomplete", model=str(self.path), file=name)
        return [
            WeightFile(_kind(name), _role(name, self._mmproj, self._inside), Path(name).name, self.path / name)
            for name in chosen
        ]

    def _inside(self, name: str) -> str | None:
        from ..weights.gguf import PEEK_BYTES, peek_architecture

        try:
            with (self.path / name).open("rb") as file:
                return peek_architecture(file.read(PEEK_BYTES))
        except OSError:
            return None

    def weights(self) -> WeightSource:
        """See ModelFolder."""
        from ..weights.gguf import GGUFFile
        from ..weights.gguf_model import GGUFSource
        from ..weights.planes import join_if_split
        from ..weights.safetensors import open_safetensors
        from ..weights.shards import open_shards

        files = self.weight_files()
        if files[0].kind == "gguf":
            return GGUFSource([GGUFFile(file.path) for file in files], tower_asked=self._mmproj is not None)
        if len(files) == 1:
            return join_if_split(open_safetensors(files[0].path))
        return join_if_split(open_shards([file.path for file in files], read_index(self.read_text(INDEX))))


def choose_weights(
    names: Iterable[str],
    read_text: Callable[[str], str],
    file: str | None = None,
    mmproj: str | None = None,
    inside: Inside = lambda _: None,
) -> list[str]:
    """Return which of a folder's files to load weights from: `file` if given, else safetensors, else GGUF.

    Shards, a GGUF model's pieces and explicit names are returned whether they are among `names` or not; a vision tower
    comes last. Raises LoadError where there is no file of weights ("weights-file-missing") or `file` is a vision tower
    ("vision-tower-alone"), ModelError as `read_index` does.
    """
    names = set(names)
    if file is None and WEIGHTS in names:
        return [WEIGHTS]
    if file is None and INDEX in names:
        return list(dict.fromkeys(read_index(read_text(INDEX)).values()))
    if file is None:
        models = _models(names, mmproj, inside)
        if not models:
            raise LoadError("weights-file-missing")
        file = min(models, key=_preference)
    if _kind(file) == "safetensors":
        return [file]
    if _role(file, mmproj, inside) == "mmproj":
        raise LoadError("vision-tower-alone", file=file)
    mmproj = mmproj or _tower_of(file, names, inside)
    return [*gguf_pieces(file), *([mmproj] if mmproj else [])]


def gguf_pieces(name: str) -> list[str]:
    """Return all pieces of the model that a GGUF file is a piece of, a-00001-of-00002.gguf for one; else itself."""
    match = _GGUF_PIECE.fullmatch(name)
    count = int(match[3]) if match else 0
    if not match or not 0 < count <= _MAX_SHARDS:
        return [name]
    return [f"{match[1]}-{piece:05}-of-{match[3]}{match[4]}" for piece in range(1, count + 1)]


def _unreadable(path: Path, error: OSError | UnicodeDecodeError) -> LoadError:
    reason = error.reason if isinstance(error, UnicodeDecodeError) else error.strerror
    return LoadError("file-unreadable", path=str(path), reason=reason or str(error))


def _models(names: Iterable[str], mmproj: str | None, inside: Inside) -> list[str]:
    ggufs = [name for name in names if _kind(name) == "gguf"]
    return [name for name in ggufs if _role(name, mmproj, inside) == "model"]


def _tower_of(model: str, names: set[str], inside: Inside) -> str | None:
    """Return the vision tower that belongs to a GGUF text model, or None.

    First comes one of the same name, then one named for no model, then one whose name is the beginning of the other's;
    and where only one model lies there, one that is known from inside, whatever it is called.
    """
    towers = [name for name in names if _kind(name) == "gguf" and _role(name, None, inside) == "mmproj"]
    is_alone = {_stem(name) for name in _models(names, None, inside)} <= {_stem(model)}

    def rank(tower: str) -> int | None:
        a, b = _stem(model), _stem(tower)
        if a == b:
            return 0
        if b in ("", "model"):
            return 1
        if f"{a}-".startswith(f"{b}-") or f"{b}-".startswith(f"{a}-"):
            return 2
        return 3 if is_alone and inside(tower) == "clip" else None

    ranked = [(found, _preference(tower), tower) for tower in towers if (found := rank(tower)) is not None]
    return min(ranked)[2] if ranked else None


def _stem(name: str) -> str:
    """Return the model's name in a GGUF file's name: without the type, `mmproj` and the ending, words with dashes."""
    name = re.sub(r"(?i)\.gguf$", ".", _GGUF_PIECE.sub(r"\1\4", name))
    name = _TYPE_WORDS.sub("", re.sub(r"(?i)[-._]?mmproj[-._]?", "-", name))
    return re.sub(r"[-._]+", "-", name).strip("-").lower()


def _preference(name: str) -> tuple[int, str]:
    match = _GGUF_TYPE.search(name)
    return (_GGUF_TYPES.index(match[1].upper()) if match else len(_GGUF_TYPES), name)


def _kind(name: str) -> Literal["safetensors", "gguf"]:
    return "gguf" if name.lower().endswith(".gguf") else "safetensors"


def _role(name: str, mmproj: str | None = None, inside: Inside = lambda _: None) -> Literal["model", "mmproj"]:
    if name == mmproj:
        return "mmproj"
    architecture = inside(name) if _kind(name) == "gguf" else ""
    is_tower = architecture == "clip" if architecture is not None else "mmproj" in name.lower()
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


def is_plain_name(name: str) -> bool:
    """Whether a file that a person names can lie in a folder: on Windows, "C:model.gguf" lies in another."""
    return PLAIN_NAME.fullmatch(name) is not None and PurePath(name).name == name


def check_weight_name(name: str) -> str:
    """Return the name of a weight file that a user chose; raises InputError unless it can be one."""
    if not is_plain_name(name) or not is_weight_name(name):
        raise InputError("weight-name-invalid", name=repr(name))
    return name
