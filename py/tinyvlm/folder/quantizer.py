"""Writes a model as a folder of ours: quantized once, so that loading has less to read and nothing to convert."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import InputError, LoadError, ModelError
from ..models.architecture import Architecture
from ..text.chat import read_chat_template
from ..weights.gguf_model import GGUFSource
from ..weights.gguf_types import STORED_TYPES
from ..weights.loss import warn_of_loss
from ..weights.planes import JoinedPlanes, SplitPlanes
from ..weights.quantize import Scheme, find_scale
from ..weights.safetensors import PADDING, open_safetensors, stream_safetensors
from ..weights.source import ChosenWeights, QuantizedWeights, WeightSource, is_held_as, is_matrix, is_quantized
from .execution_order import execution_order
from .model_folder import CLASS_NAMES, WEIGHTS, ModelFolder
from .model_reader import file_reader, read_model
from .part_list import write_part_list

TensorProgress = Callable[[int, int, str], None]
"""Called before each tensor with how many are written, how many there are, and its name."""

_TEMPLATE = "chat_template.jinja"
_JSON_FILES = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "generation_config.json",
    CLASS_NAMES,
    "tokenizer.json",
    "tokenizer_config.json",
)


def quantize_model(
    folder: ModelFolder, target: str | os.PathLike[str], scheme: Scheme, progress: TensorProgress | None = None
) -> Path:
    """Write a model with its matrices as q8, q4 or q2 to `target`, a folder that does not exist or is empty.

    It then answers as `VLM.from_pretrained(..., quantization=scheme)` does from the original. A q8 folder of ours is
    written as q8 again, with the same weights, in planes and in today's order. One matrix at a time is in memory;
    `target` gets its name only once it is whole. Returns its path.

    Raises InputError("target-not-empty"); ModelError, of code "quantized-already" where the model is quantized
    otherwise; LoadError ("target-disk-full", "target-not-writable", and what opening the weights raises).
    """
    source = folder.weights()
    parts = read_model(folder, source)
    texts = _texts(folder, source)
    config = json.loads(texts["config.json"])
    held = config.get("quantization_config")
    if scheme == "q8" and isinstance(held, dict) and held.get("quant_method") == scheme and is_held_as(source, scheme):
        weights: WeightSource = ChosenWeights(source, _names(source))
    elif held or is_quantized(source):
        raise ModelError("quantized-already", model=folder.name)
    else:
        warn_of_loss(scheme, source.tensors, 2)
        texts["config.json"] = _dumped({**config, "quantization_config": {"quant_method": scheme}})
        weights = QuantizedWeights(ChosenWeights(source, _names(source)), scheme)
    with _new_folder(Path(target).expanduser()) as part:
        for name, text in texts.items():
            (part / name).write_text(text, encoding="utf-8")
        ends = write_weights(part / WEIGHTS, parts.model, weights, scheme, progress)
        write_part_list(part, [*texts, WEIGHTS], {WEIGHTS: ends})
    return Path(target).expanduser()


def _texts(folder: ModelFolder, source: WeightSource) -> dict[str, str]:
    """Return the small files, also those that GGUF metadata stand for."""
    if isinstance(source, GGUFSource):
        read = file_reader(folder, source)
        contents = {name: read(name) for name in _JSON_FILES}
        texts = {name: _dumped(content) for name, content in contents.items() if content}
    else:
        texts = {name: folder.read_text(name) for name in _JSON_FILES if folder.has(name)}
    template = read_chat_template(folder, source.text_metadata if isinstance(source, GGUFSource) else None)
    return {**texts, _TEMPLATE: template} if template else texts


def _dumped(content: Any) -> str:
    return json.dumps(content, indent=1) + "\n"


def _names(source: WeightSource) -> list[str]:
    """Return which tensors to write: all but padding and the whole numbers that some checkpoints hold on the side."""
    names = list[str]()
    for name, info in source.tensors.items():
        if name.startswith(PADDING):
            continue
        if info.dtype in STORED_TYPES or (info.dtype == "I8" and find_scale(source.tensors, name)[0]):
            names.append(name)
        elif is_matrix(info):
            supported = ", ".join(STORED_TYPES)
            raise ModelError("weights-unsupported", tensor=repr(name), dtype=info.dtype, supported=supported)
    return names


def write_weights(
    path: Path, model: Architecture, source: WeightSource, scheme: Scheme, progress: TensorProgress | None = None
) -> list[int]:
    """Write quantized weights in the order in which execution needs them; return at which offsets stages end.

    First what is needed to encode images and all that is not split into planes (weights/planes.py); then the other high
    planes; then the low planes; then what the model never asks for. Raises ModelError for weights that do not fit.
    """
    weights = SplitPlanes(source)
    used = execution_order(model, JoinedPlanes(weights))

    def stage(name: str) -> int:
        if name not in used:
            return 3
        if used[name] == "refine":
            return 2
        is_plane = name not in source.tensors
        return 1 if used[name] == "text" and is_plane else 0

    turns = {name: turn for turn, name in enumerate(used)}
    names = sorted(weights.tensors, key=lambda name: (stage(name), turns.get(name, 0)))
    kinds = {name: (weights.tensors[name].dtype, weights.tensors[name].shape) for name in names}
    done = 0

    def read(name: str) -> bytes:
        nonlocal done
        if progress:
            progress(done, len(names), name)
        done += 1
        data: bytes = weights.read(name)
        return data

    stream_safetensors(path, kinds, read, {"format": f"tinyvlm-{scheme}"}, reading=weights.tensors)
    firsts = [name for previous, name in pairwise(names) if stage(previous) != stage(name)]
    with open_safetensors(path) as file:
        return [file.tensors[name].offset for name in firsts]


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder beside `target` that takes its place at the end, or is gone if anything goes wrong."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise InputError("target-not-empty", path=str(target))
        part.mkdir(parents=True)
        yield part
        if target.exists():
            target.rmdir()
        part.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise LoadError("target-disk-full", path=str(target)) from error
        raise LoadError("target-not-writable", path=str(target), reason=error.strerror or str(error)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
