"""Writes a model as a folder of ours: quantized once, so that loading has less to read and nothing to convert."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .chat import read_chat_template
from .errors import InputError, LoadError, ModelError
from .model_folder import WEIGHTS, ModelFolder
from .model_reader import file_reader, read_model
from .part_list import write_part_list
from .weights.gguf_model import GGUFSource
from .weights.gguf_types import STORED_TYPES
from .weights.quantize import Scheme
from .weights.safetensors import PADDING, stream_safetensors
from .weights.source import QuantizedWeights, WeightSource, is_matrix, is_quantized

TensorProgress = Callable[[int, int, str], None]
"""Called before each tensor with how many are written, how many there are, and its name."""

_TEMPLATE = "chat_template.jinja"
_JSON_FILES = (
    "config.json",
    "preprocessor_config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
)


def quantize_model(
    folder: ModelFolder, target: str | os.PathLike[str], scheme: Scheme, progress: TensorProgress | None = None
) -> Path:
    """Write a model with its matrices as q8, q4 or q2 to `target`, a folder that does not exist or is empty.

    It then answers as `VLM.from_pretrained(..., quantization=scheme)` does from the original. One matrix at a time is
    in memory; `target` gets its name only once it is whole. Returns its path.

    Raises InputError("target-not-empty"); ModelError, of code "weights-unsupported" where the model is quantized by us
    already; LoadError ("disk-full", "target-not-writable", and what opening the weights raises).
    """
    source = folder.weights()
    texts = _texts(folder, source)
    config = json.loads(texts["config.json"])
    if config.get("quantization_config") or is_quantized(source):
        raise ModelError("weights-unsupported", f"{folder.name} is quantized already; start from the original model.")
    texts["config.json"] = _dumped({**config, "quantization_config": {"quant_method": scheme}})
    names = _names(source)
    with _new_folder(Path(target).expanduser()) as part:
        for name, text in texts.items():
            (part / name).write_text(text, encoding="utf-8")
        _write_weights(part / WEIGHTS, QuantizedWeights(source, scheme), names, scheme, progress)
        write_part_list(part, [*texts, WEIGHTS])
    return Path(target).expanduser()


def _texts(folder: ModelFolder, source: WeightSource) -> dict[str, str]:
    """Return the small files, also those that GGUF metadata stand for; ModelError unless they make a model."""
    read_model(folder, source)
    read = file_reader(folder, source)
    contents = {name: read(name) for name in _JSON_FILES}
    texts = {name: _dumped(content) for name, content in contents.items() if content}
    template = read_chat_template(folder, source.text_metadata if isinstance(source, GGUFSource) else None)
    return {**texts, _TEMPLATE: template} if template else texts


def _dumped(content: Any) -> str:
    return json.dumps(content, indent=1) + "\n"


def _names(source: WeightSource) -> set[str]:
    """Return which tensors to write: all but padding and the whole numbers that some checkpoints hold on the side."""
    names = set()
    for name, info in source.tensors.items():
        if info.dtype in STORED_TYPES:
            names.add(name)
        elif is_matrix(info):
            sentence = f"Tensor {name!r} is of type {info.dtype}, which is not supported."
            raise ModelError("weights-unsupported", sentence, tensor=name)
    return {name for name in names if not name.startswith(PADDING)}


def _write_weights(
    path: Path, weights: QuantizedWeights, names: set[str], scheme: Scheme, progress: TensorProgress | None
) -> None:
    written = {
        name: (info.dtype, info.shape)
        for name, info in sorted(weights.tensors.items(), key=lambda item: _turn(item[0]))
        if weights.stored_name(name) in names
    }
    order = {name: index for index, name in enumerate(written)}

    def read(name: str) -> bytes:
        if progress:
            progress(order[name], len(order), name)
        return weights.read(name)

    stream_safetensors(path, written, read, {"format": f"tinyvlm-{scheme}"})


def _turn(name: str) -> tuple[int, list[str]]:
    """Sort tensors as execution needs them: what sees, what connects, layer by layer, what speaks."""
    parts = name.split(".")
    stage = 0 if "vision_model" in parts else 1 if "connector" in parts else 3 if parts[0] == "lm_head" else 2
    return stage, [part.zfill(6) if part.isdecimal() else part for part in parts]


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder beside `target` that takes its place at the end, or is gone if anything goes wrong."""
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise InputError("target-not-empty", f"{target} is there already; name a new folder.")
        part.mkdir(parents=True)
        yield part
        if target.exists():
            target.rmdir()
        part.rename(target)
    except OSError as error:
        code = "disk-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "target-not-writable"
        raise LoadError(code, f"{target} cannot be written: {error.strerror or error}.", path=str(target)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
