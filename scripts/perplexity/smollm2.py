"""SmolLM2-135M-Instruct out of its GGUF file: sizes, float32 weights under Hugging Face's names, tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from tokenizers import models, pre_tokenizers

from tinyvlm.models.llama import LlamaConfig
from tinyvlm.weights.gguf import GGUFFile
from tinyvlm.weights.gguf_model import GGUFSource
from tinyvlm.weights.source import read_array

_CONTROL = 3
"""GGUF's type of special tokens."""


class SmolLM2:
    """What the file holds, ready for models/llama.py."""

    def __init__(self, path: Path) -> None:
        """Read `path` and multiply its 4- and 8-bit blocks out to float32."""
        with GGUFFile(path) as file:
            source = GGUFSource([file])
            self.name = f"SmolLM2-135M-Instruct ({path.name})"
            self.config = LlamaConfig.from_dict(source.config)
            self.weights = {name: read_array(source, name).astype(np.float32) for name in source.tensors}
            self._tokenizer = reference_tokenizer(file.metadata)

    def encode(self, text: str) -> np.ndarray:
        """Token ids int32, without special tokens."""
        return np.array(self._tokenizer.encode(text).ids, np.int32)

    def decode(self, token_id: int) -> str:
        """One token's text."""
        return str(self._tokenizer.decode([token_id]))


def reference_tokenizer(metadata: Mapping[str, Any]) -> tokenizers.Tokenizer:
    """Byte-level BPE that takes digits one by one: llama.cpp's "smollm"."""
    assert (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]) == ("gpt2", "smollm")
    vocabulary = {token: index for index, token in enumerate(metadata["tokenizer.ggml.tokens"])}
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    types = zip(metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"], strict=True)
    tokenizer.add_special_tokens([token for token, kind in types if kind == _CONTROL])
    return tokenizer
