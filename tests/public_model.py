"""A tiny SmolVLM as a published folder: what transformers made (scripts/golden/make_smolvlm.py), and a template."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tinyvlm.weights.quantize import to_bfloat16
from tinyvlm.weights.safetensors import write_safetensors

GOLDEN = Path(__file__).resolve().parent / "golden"
TEMPLATE = (
    "<|im_start|>{% for message in messages %}{{message['role'] | capitalize}}"
    "{% if message['content'][0]['type'] == 'image' %}{{':'}}{% else %}{{': '}}{% endif %}"
    "{% for line in message['content'] %}{% if line['type'] == 'text' %}{{line['text']}}"
    "{% elif line['type'] == 'image' %}{{ '<image>' }}{% endif %}{% endfor %}<end_of_utterance>\n"
    "{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}"
)
"""SmolVLM's."""
DTYPES = {"F32": "<f4", "F16": "<f2"}


@cache
def golden() -> Any:
    """The file."""
    return np.load(GOLDEN / "smolvlm.npz")


def smolvlm_files(dtype: str = "F16") -> dict[str, bytes]:
    """The folder's files; weights in "F32", "F16" or "BF16"."""
    file = golden()
    config = {**json.loads(str(file["config"])), "eos_token_id": eos_token_id()}
    words = {"bos_token": "<|im_start|>", "eos_token": "<end_of_utterance>", "chat_template": TEMPLATE}
    texts = {
        "config.json": json.dumps(config),
        "preprocessor_config.json": str(file["preprocessor"]),
        "tokenizer.json": str(file["tokenizer"]),
        "tokenizer_config.json": json.dumps(words),
    }
    return {**{name: text.encode() for name, text in texts.items()}, "model.safetensors": _weights(dtype)}


def llama_files() -> dict[str, bytes]:
    """The text model alone, in a folder of its own."""
    files, file = smolvlm_files(), golden()
    config = {**json.loads(files["config.json"])["text_config"], "eos_token_id": eos_token_id()}
    prefix = "model.text_model."
    tensors = {key[2:].replace(prefix, "model."): key for key in file.files if prefix in key or "lm_head" in key}
    weights = _safetensors({name: file[key].astype(np.float32) for name, key in tensors.items()}, "F16")
    return {**files, "config.json": json.dumps(config).encode(), "model.safetensors": weights}


def with_unused_tensor(nbytes: int) -> dict[str, bytes]:
    """The folder, its weights behind a tensor of this size that no model asks for."""
    arrays = {"unused": np.zeros(nbytes // 2, np.float32)}
    arrays |= {key[2:]: golden()[key].astype(np.float32) for key in golden().files if key.startswith("w:")}
    return {**smolvlm_files("BF16"), "model.safetensors": _safetensors(arrays, "BF16")}


def write_smolvlm(folder: Path, dtype: str = "F16") -> Path:
    """Write the folder and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in smolvlm_files(dtype).items():
        (folder / name).write_bytes(data)
    return folder


def eos_token_id() -> int:
    """The id of <end_of_utterance>."""
    added = json.loads(str(golden()["tokenizer"]))["added_tokens"]
    return next(token["id"] for token in added if token["content"] == "<end_of_utterance>")


@cache
def _weights(dtype: str) -> bytes:
    file = golden()
    return _safetensors({key[2:]: file[key].astype(np.float32) for key in file.files if key.startswith("w:")}, dtype)


def _safetensors(arrays: dict[str, np.ndarray], dtype: str) -> bytes:
    tensors = {}
    for name, values in arrays.items():
        stored = to_bfloat16(values) if dtype == "BF16" else values.astype(DTYPES[dtype])
        tensors[name] = (dtype, values.shape, stored.tobytes())
    with tempfile.TemporaryDirectory() as folder:
        write_safetensors(Path(folder) / "model.safetensors", tensors, {})
        return (Path(folder) / "model.safetensors").read_bytes()
