"""docs/add_an_architecture.md, followed: its code registers a model, and a folder of that model answers."""

from __future__ import annotations

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinyvlm import VLM, ModelError
from tinyvlm.models.architecture import ARCHITECTURES
from tinyvlm.text.tokenizer import byte_alphabet
from tinyvlm.weights.safetensors import write_safetensors

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "add_an_architecture.md"
COLORS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}
END = 256 + len(COLORS)
VOCABULARY, HIDDEN = END + 1, 16
ANSWERED = 3
"""The dimension, behind those of the colours, that says that a colour was named."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that names the strongest colour, and stops."""
    embeddings, speech = np.zeros((2, VOCABULARY, HIDDEN), np.float32)
    embeddings[256:END, ANSWERED] = 1
    speech[256:END, : len(COLORS)] = 2 * np.eye(len(COLORS)) - 1
    speech[256:, ANSWERED] = [-8] * len(COLORS) + [8]
    patches = np.zeros((HIDDEN, 3, 8, 8), np.float32)
    for color in range(len(COLORS)):
        patches[color, color] = 1 / 64
    arrays = {"embed_tokens.weight": embeddings, "lm_head.weight": speech, "patches.weight": patches}
    tensors = {name: ("F32", array.shape, array.tobytes()) for name, array in arrays.items()}
    write_safetensors(tmp_path / "model.safetensors", tensors, {})

    config = {"model_type": "peek", "vocab_size": VOCABULARY, "hidden_size": HIDDEN, "eos_token_id": END}
    words = [{"id": 256 + index, "content": word, "special": False} for index, word in enumerate([*COLORS, "<end>"])]
    tokenizer = {
        "added_tokens": [{**word, "single_word": False, "lstrip": False, "rstrip": False} for word in words],
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "use_regex": True},
        "decoder": {"type": "ByteLevel"},
        "model": {"type": "BPE", "vocab": {char: i for i, char in enumerate(byte_alphabet())}, "merges": []},
    }
    (tmp_path / "config.json").write_text(json.dumps({**config, "max_position_embeddings": 64}))
    (tmp_path / "tokenizer.json").write_text(json.dumps(tokenizer))
    return tmp_path


@pytest.fixture
def follow_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the code block; what it registers is gone afterwards."""
    monkeypatch.setitem(ARCHITECTURES, "peek", "")
    (block,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(block, DOCUMENT.name, "exec"), {"__name__": "document"})


def test_the_type_is_unknown_at_first(folder: Path) -> None:
    with pytest.raises(ModelError, match="'peek' are not supported"):
        VLM.from_pretrained(str(folder))


@pytest.mark.usefixtures("follow_document")
@pytest.mark.parametrize("options", [{}, {"quantization": "float32"}, {"quantization": "q4"}])
@pytest.mark.parametrize("backend", ["numpy", "wasm"])
def test_the_model_answers(folder: Path, backend: Any, options: dict[str, Any]) -> None:
    with closing(VLM.from_pretrained(str(folder), backend=backend, **options)) as vlm:
        for name, color in COLORS.items():
            image = np.full((48, 64, 3), color, np.uint8)
            assert vlm.ask(image, "Which colour is it?") == name
            assert vlm.last_answer.finish_reason == "stop"
