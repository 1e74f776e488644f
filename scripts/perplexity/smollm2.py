"""SmolLM2-135M-Instruct out of its GGUF file: sizes, float32 weights under Hugging Face's names, tokenizer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gguf
import numpy as np
import tokenizers
from tokenizers import models, pre_tokenizers

from tinyvlm.models.llama import LlamaConfig

_GLOBAL_NAMES = {"token_embd": "embed_tokens", "output_norm": "norm"}
_LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


class SmolLM2:
    """What the file holds, ready for models/llama.py."""

    def __init__(self, path: Path) -> None:
        """Read `path` and multiply its 4- and 8-bit blocks out to float32."""
        reader = gguf.GGUFReader(path)
        metadata = read_metadata(reader)
        self.name = f"SmolLM2-135M-Instruct ({path.name})"
        self.config = _config(metadata, tied=all(tensor.name != "output.weight" for tensor in reader.tensors))
        self.weights: dict[str, np.ndarray] = {}
        for tensor in reader.tensors:
            name = _hugging_face_name(tensor.name)
            values = np.asarray(gguf.dequantize(tensor.data, tensor.tensor_type), np.float32)
            if name.endswith("q_proj.weight"):
                values = _half_split(values, self.config.num_attention_heads)
            elif name.endswith("k_proj.weight"):
                values = _half_split(values, self.config.num_key_value_heads)
            self.weights[name] = values
        self._tokenizer = reference_tokenizer(metadata)

    def encode(self, text: str) -> np.ndarray:
        """Token ids int32, without special tokens."""
        return np.array(self._tokenizer.encode(text).ids, np.int32)

    def decode(self, token_id: int) -> str:
        """One token's text."""
        return str(self._tokenizer.decode([token_id]))


def _config(metadata: dict[str, Any], tied: bool) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=metadata["llama.vocab_size"],
        hidden_size=metadata["llama.embedding_length"],
        intermediate_size=metadata["llama.feed_forward_length"],
        num_hidden_layers=metadata["llama.block_count"],
        num_attention_heads=metadata["llama.attention.head_count"],
        num_key_value_heads=metadata["llama.attention.head_count_kv"],
        rms_norm_eps=metadata["llama.attention.layer_norm_rms_epsilon"],
        rope_theta=metadata["llama.rope.freq_base"],
        tie_word_embeddings=tied,
    )


def _hugging_face_name(name: str) -> str:
    """blk.3.attn_q.weight -> model.layers.3.self_attn.q_proj.weight"""
    match name.removesuffix(".weight").split("."):
        case ["blk", index, part]:
            return f"model.layers.{index}.{_LAYER_NAMES[part]}.weight"
        case [part]:
            return f"model.{_GLOBAL_NAMES[part]}.weight"
    raise ValueError(f"tensor {name} is not one of Llama's")


def _half_split(weight: np.ndarray, heads: int) -> np.ndarray:
    """Undo llama.cpp's order of a head's rows, in which the two that rope turns together are neighbours."""
    rows, columns = weight.shape
    pairs = weight.reshape(heads, rows // heads // 2, 2, columns)
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).reshape(rows, columns)


def read_metadata(reader: gguf.GGUFReader) -> dict[str, Any]:
    """All metadata of a file, by key."""
    return {name: field.contents() for name, field in reader.fields.items()}


def reference_tokenizer(metadata: dict[str, Any]) -> tokenizers.Tokenizer:
    """Byte-level BPE that takes digits one by one: llama.cpp's "smollm"."""
    assert (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]) == ("gpt2", "smollm")
    vocabulary = {token: index for index, token in enumerate(metadata["tokenizer.ggml.tokens"])}
    merges = [tuple(merge.split(" ")) for merge in metadata["tokenizer.ggml.merges"]]
    tokenizer = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    types = zip(metadata["tokenizer.ggml.tokens"], metadata["tokenizer.ggml.token_type"], strict=True)
    tokenizer.add_special_tokens([token for token, kind in types if kind == gguf.TokenType.CONTROL])
    return tokenizer
