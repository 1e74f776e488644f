"""SmolLM2-135M-Instruct out of its GGUF file: sizes, float32 weights under Hugging Face's names, tokenizer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tokenizers

from tinyvlm.models.parts.llama import LlamaConfig
from tinyvlm.weights.gguf import GGUFFile
from tinyvlm.weights.gguf_model import GGUFSource
from tinyvlm.weights.gguf_tokenizer import tokenizer_definition
from tinyvlm.weights.source import read_array


class SmolLM2:
    """What the file holds, ready for models/llama.py."""

    def __init__(self, path: Path) -> None:
        """Read `path` and multiply its 4- and 8-bit blocks out to float32."""
        with GGUFFile(path) as file:
            source = GGUFSource([file])
            self.name = f"SmolLM2-135M-Instruct ({path.name})"
            self.config = LlamaConfig.from_dict(source.config)
            self.weights = {name: read_array(source, name).astype(np.float32) for name in source.tensors}
            self._tokenizer = tokenizers.Tokenizer.from_str(json.dumps(tokenizer_definition(file.metadata)))

    def encode(self, text: str) -> np.ndarray:
        """Token ids int32, without special tokens."""
        return np.array(self._tokenizer.encode(text).ids, np.int32)

    def decode(self, token_id: int) -> str:
        """One token's text."""
        return str(self._tokenizer.decode([token_id]))
