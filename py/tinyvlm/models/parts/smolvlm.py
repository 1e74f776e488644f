"""SmolVLM and Idefics3 (Marafioti et al. 2025): SigLIP sees, a pixel shuffle and a projection connect, Llama answers.

Image features stand among the text's embeddings: token id `vocab_size + j` is row j of the images' features. Weight
names are those of Hugging Face's checkpoints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...ops import KeysValues, Ops, Tensor, Weights
from . import llama, siglip
from .smolvlm_inputs import ImageProcessor

VISION, CONNECTOR, TEXT = "model.vision_model", "model.connector.modality_projection.proj", "model.text_model"
"""Prefixes of weight names."""

VISION_DEFAULTS = {
    "hidden_size": 1152,
    "intermediate_size": 3072,
    "num_hidden_layers": 12,
    "num_attention_heads": 16,
    "image_size": 224,
    "patch_size": 32,
    "hidden_act": "gelu_pytorch_tanh",
    "layer_norm_eps": 1e-6,
}
"""transformers' for `vision_config`. The 256M and 500M models leave out layers, intermediate size and the last two."""

TEXT_DEFAULTS = {
    "vocab_size": 32_000,
    "hidden_size": 4096,
    "intermediate_size": 11_008,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "rms_norm_eps": 1e-6,
    "max_position_embeddings": 2048,
}
"""transformers' for `text_config` of Llama; files leave out what equals them."""


@dataclass(frozen=True)
class SmolVLMConfig:
    """Sizes of the model."""

    vision: siglip.SiglipConfig
    text: llama.LlamaConfig
    scale_factor: int
    """Edge of the square of patches that becomes one row of features."""
    image_token_id: int
    max_positions: int

    @classmethod
    def from_dict(cls, config: Mapping[str, Any]) -> SmolVLMConfig:
        """Read config.json of model type `idefics3` or `smolvlm`.

        Embeddings are tied if `text_config` says so, or the model where `text_config` is silent; transformers 5 asks
        the model alone.
        """
        vision = {**VISION_DEFAULTS, **config["vision_config"]}
        tied = {"tie_word_embeddings": config.get("tie_word_embeddings", False)}
        text = {**TEXT_DEFAULTS, **tied, **config["text_config"]}
        if _is_of_transformers_5(config):
            text |= tied
        scale = config.get("scale_factor", 2)
        sizes = (scale, text["max_position_embeddings"], vision["patch_size"], vision["image_size"])
        if text.get("model_type", "llama") != "llama" or not all(isinstance(size, int) and size > 0 for size in sizes):
            raise ValueError("this SmolVLM variant is not supported")
        if vision["image_size"] // vision["patch_size"] % scale:
            raise ValueError("a view's patches are not whole squares of scale_factor")
        return cls(
            vision=siglip.SiglipConfig.from_dict(vision),
            text=llama.LlamaConfig.from_dict(text),
            scale_factor=scale,
            image_token_id=config.get("image_token_id", 128_257),
            max_positions=text["max_position_embeddings"],
        )

    @property
    def view_rows(self) -> int:
        """Rows of features, and so image tokens, of one view: 64 as published."""
        return (self.vision.image_size // self.vision.patch_size // self.scale_factor) ** 2


def _is_of_transformers_5(config: Mapping[str, Any]) -> bool:
    version = str(config.get("transformers_version") or "")
    major = version.partition(".")[0]
    return major.isdecimal() and int(major) >= 5


def connect(ops: Ops, weights: Weights, config: SmolVLMConfig, hidden: Tensor) -> Tensor:
    """Vision hidden states (patches, vision hidden) -> (view_rows, text hidden).

    Pixel shuffle and projection are one convolution: a row of features is the projection of a square of patches, whose
    numbers are in (row, column, channel) order.
    """
    side = config.vision.image_size // config.vision.patch_size
    scale = config.scale_factor
    squares = ops.reshape(hidden, side, side, config.vision.hidden_size)
    features = ops.conv2d(squares, weights.linear(CONNECTOR), kernel=scale, stride=scale)
    return ops.reshape(features, config.view_rows, config.text.hidden_size)


def encode(ops: Ops, weights: Weights, config: SmolVLMConfig, processor: ImageProcessor, view: Tensor) -> Tensor:
    """uint8 view (image_size, image_size, 3) -> its features (view_rows, text hidden)."""
    pixels = ops.normalize(view, processor.rescale_factor, processor.mean, processor.std)
    return connect(ops, weights, config, siglip.encode(ops, weights, VISION, config.vision, pixels))


def forward(
    ops: Ops,
    weights: Weights,
    config: SmolVLMConfig,
    token_ids: Tensor,
    position: int,
    features: Tensor | None,
    cache: Sequence[KeysValues],
) -> Tensor:
    """Token ids (T,) at `position`.. and the images' features (S, text hidden) -> hidden states (T, text hidden)."""
    x = llama.embed(ops, weights, token_ids, prefix=TEXT)
    if features is not None:
        x = ops.place_rows(x, token_ids, features, config.text.vocab_size)
    return llama.forward(ops, weights, config.text, x, position, cache, prefix=TEXT)


def logits(ops: Ops, weights: Weights, config: SmolVLMConfig, hidden: Tensor) -> Tensor:
    """(T, text hidden) -> (T, vocab_size)."""
    return llama.logits(ops, weights, config.text, hidden, prefix=TEXT)
