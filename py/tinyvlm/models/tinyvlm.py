"""The bundled architecture: EfficientNet-Lite tower, a connector that makes image tokens, a cross-attention decoder.

Image tokens: each cell of the 1/16 map, each cell of the 1/32 map, the pooled head features, and the 1,000 class
probabilities through an embedding; layer norm, plus learned positions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ops import KeysValues, Ops, Tensor, Weights
from . import cross_decoder as text
from . import efficientnet as vision

FINE_STAGE, COARSE_STAGE = 4, 6
"""Stages whose feature maps become tokens: 14 x 14 and 7 x 7 at 224 pixels."""


class TinyVLM:
    """See models.Architecture."""

    def __init__(self, config: Mapping[str, Any], preprocessor: Mapping[str, Any]) -> None:
        """Read config.json and preprocessor_config.json."""
        self.vision = vision.EfficientNetConfig.from_dict(config["vision_config"])
        self.text = text.CrossDecoderConfig.from_dict(config["text_config"])
        self.image_size, self.resample = self.vision.image_size, int(preprocessor["resample"])
        if preprocessor["size"] != {"height": self.image_size, "width": self.image_size}:
            raise ValueError("preprocessor size and vision image_size differ")
        self._scale = float(preprocessor["rescale_factor"])
        self._mean, self._std = preprocessor["image_mean"], preprocessor["image_std"]
        self.vocab_size, self.max_positions = self.text.vocab_size, self.text.max_position_embeddings
        self.eos_token_id, self.prompt_prefix = int(config["eos_token_id"]), (int(config["bos_token_id"]),)
        cells = self.vision.grid_after(FINE_STAGE + 1) ** 2 + self.vision.grid_after(COARSE_STAGE + 1) ** 2
        layers, width = self.text.num_hidden_layers, self.text.hidden_size
        self.image_state_shapes = [(cells + 2, 2 * width)] * layers
        self.cache_shapes = self.text.cache_shapes()

    def image_tokens(self, ops: Ops, weights: Weights, image: Any) -> Tensor:
        """RGB image -> (cells + 2, hidden)."""
        pixels = ops.resize(image, self.image_size, self.image_size, self.resample)
        pixels = ops.normalize(pixels, self._scale, self._mean, self._std)
        features = vision.tower(ops, weights, "vision", self.vision, pixels)
        pooled, classes = vision.classify(ops, weights, "vision", features[COARSE_STAGE])
        tokens = ops.concat(
            [
                *(
                    ops.linear(_as_rows(ops, features[stage]), weights.linear(f"connector.features_{name}"))
                    for stage, name in ((FINE_STAGE, 14), (COARSE_STAGE, 7))
                ),
                ops.linear(pooled, weights.linear("connector.global")),
                ops.linear(classes, weights.linear("connector.classes")),
            ]
        )
        norm = weights.tensor("connector.norm.weight"), weights.tensor("connector.norm.bias")
        return ops.add(
            ops.layer_norm(tokens, *norm, self.text.layer_norm_eps), weights.tensor("connector.position_embedding")
        )

    def encode(self, ops: Ops, weights: Weights, image: Any) -> list[Tensor]:
        """See Architecture: the keys and values that every layer's cross-attention reads."""
        tokens = self.image_tokens(ops, weights, image)
        return text.image_keys_values(ops, weights, "text", self.text, tokens)

    def forward(
        self,
        ops: Ops,
        weights: Weights,
        token_ids: Tensor,
        position: int,
        image_state: Sequence[Tensor],
        cache: Sequence[KeysValues],
    ) -> Tensor:
        """See Architecture."""
        return text.forward(ops, weights, "text", self.text, token_ids, position, image_state, cache)

    def logits(self, ops: Ops, weights: Weights, hidden: Tensor) -> Tensor:
        """See Architecture."""
        return text.logits(ops, weights, "text", hidden)

    def prompt(self, question: str) -> str:
        """See Architecture. Written as the questions in training were: a capital first, a mark at the end."""
        mark = "" if question.endswith((".", "?", "!")) else "?"
        return f" Q: {question[:1].upper()}{question[1:]}{mark} A:"


def _as_rows(ops: Ops, features: Tensor) -> Tensor:
    height, width, channels = features.shape
    return ops.reshape(features, height * width, channels)


def load(config: Mapping[str, Any], preprocessor: Mapping[str, Any]) -> TinyVLM:
    """Return the architecture for this config."""
    return TinyVLM(config, preprocessor)
