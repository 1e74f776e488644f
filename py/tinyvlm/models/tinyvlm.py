"""The bundled architecture: EfficientNet-Lite tower, a connector that makes image tokens, a cross-attention decoder.

Image tokens: each cell of the 1/16 map, each cell of the 1/32 map, the pooled head features, and the 1,000 class
probabilities through an embedding; layer norm, plus learned positions. A model whose config has a `connector_config`
adds to each token of the 1/16 map what the four cells of the 1/8 map say that lie there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..ops import KeysValues, Ops, Precision, Tensor, Weights
from .architecture import Architecture, Message, ModelFiles, token_ids_of
from .looks import Cells, Grid, Look, square
from .parts import cross_decoder as text
from .parts import efficientnet as vision

FINE_STAGE, COARSE_STAGE = 4, 6
"""Stages whose feature maps become tokens: 14 x 14 and 7 x 7 at 224 pixels."""
DETAIL = 2
"""How much finer the map behind `detail_stage` is than that behind FINE_STAGE, each way."""

LOOKING_LAYERS = 2, 4
"""Layers whose cross-attention's first head was taught where to look, first and last (scripts/train)."""


class TinyVLM(Architecture):
    """See models.Architecture."""

    cache_precision: Precision = "float32"  # 8 bits would save 1.5 MB and cost time

    def __init__(self, config: Mapping[str, Any], preprocessor: Mapping[str, Any]) -> None:
        """Read config.json and preprocessor_config.json."""
        self.vision = vision.EfficientNetConfig.from_dict(config["vision_config"])
        self.text = text.CrossDecoderConfig.from_dict(config["text_config"])
        self.view_size = self.vision.image_size
        self._resample = int(preprocessor["resample"])
        if preprocessor["size"] != {"height": self.view_size, "width": self.view_size}:
            raise ValueError("preprocessor size and vision image_size differ")
        self._scale = float(preprocessor["rescale_factor"])
        self._mean = preprocessor["image_mean"]
        self._std = preprocessor["image_std"]
        self.vocab_size = self.text.vocab_size
        self.max_positions = self.text.max_position_embeddings
        self.eos_token_ids = token_ids_of(config["eos_token_id"])
        self.prompt_prefix = (int(config["bos_token_id"]),)
        fine, coarse = (self.vision.grid_after(stage + 1) for stage in (FINE_STAGE, COARSE_STAGE))
        cells = fine**2 + coarse**2
        self.detail_stage: int | None = None
        """The stage whose map adds its detail to the fine one's tokens."""
        if "connector_config" in config:
            self.detail_stage = int(config["connector_config"]["detail_stage"])
            if self.vision.grid_after(self.detail_stage + 1) != DETAIL * fine:
                raise ValueError(f"the map behind stage {self.detail_stage} is not {DETAIL * fine} cells wide")
        layers = self.text.num_hidden_layers
        width = self.text.hidden_size
        self.class_count = self.vision.num_classes
        self.state_shapes = [(cells + 2, 2 * width)] * layers + [(1, self.class_count)]
        self.cache_shapes = self.text.cache_shapes()
        self._sides = fine, coarse
        # Each layer attends twice: to the text, then to the image.
        self.looks = [Look(2 * layer + 1, range(1)) for layer in LOOKING_LAYERS if layer < layers]

    def views(self, ops: Ops, image: Any, plan: None) -> list[Tensor]:
        """See Architecture: the whole image, squeezed to a square."""
        return [ops.resize(image, self.view_size, self.view_size, self._resample)]

    def image_tokens(self, ops: Ops, weights: Weights, view: Tensor) -> tuple[Tensor, Tensor]:
        """View -> (cells + 2, hidden), and the class probabilities (1, class_count) behind the last of them."""
        pixels = ops.normalize(view, self._scale, self._mean, self._std)
        features = vision.tower(ops, weights, "vision", self.vision, pixels)
        pooled, classes = vision.classify(ops, weights, "vision", features[COARSE_STAGE])
        detail = None
        if self.detail_stage is not None:
            finer = features[self.detail_stage]
            layer = weights.linear("connector.features_28")
            detail = _as_rows(ops, ops.conv2d(finer, layer, kernel=DETAIL, stride=DETAIL))
        fine, coarse = (_as_rows(ops, features[stage]) for stage in (FINE_STAGE, COARSE_STAGE))
        tokens = ops.concat(
            [
                ops.linear(fine, weights.linear("connector.features_14"), residual=detail),
                ops.linear(coarse, weights.linear("connector.features_7")),
                ops.linear(pooled, weights.linear("connector.global")),
                ops.linear(classes, weights.linear("connector.classes")),
            ]
        )
        norm = weights.tensor("connector.norm.weight"), weights.tensor("connector.norm.bias")
        tokens = ops.layer_norm(tokens, *norm, self.text.layer_norm_eps)
        return ops.add(tokens, weights.tensor("connector.position_embedding")), classes

    def encode(self, ops: Ops, weights: Weights, view: Tensor) -> list[Tensor]:
        """See Architecture: the keys and values that every layer's cross-attention reads; the class probabilities."""
        tokens, classes = self.image_tokens(ops, weights, view)
        return [*text.image_keys_values(ops, weights, "text", self.text, tokens), classes]

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

    def grid(self, plan: None) -> Grid:
        """See Architecture: the fine cells, among which each coarse one is shared out."""
        fine, coarse = self._sides
        whole = Cells(0, 0, fine, fine)
        return Grid(fine, fine, [*square(fine, whole), *square(coarse, whole), None, None])

    def prompt(self, messages: Sequence[Message]) -> str:
        """See Architecture. The last question alone."""
        return f" Q: {self.question(messages)} A:"

    def question(self, messages: Sequence[Message]) -> str:
        """See Architecture. Written as in training: a capital first, a mark at the end."""
        question = super().question(messages)
        mark = "" if question.endswith((".", "?", "!")) else "?"
        return f"{question[:1].upper()}{question[1:]}{mark}"


def _as_rows(ops: Ops, features: Tensor) -> Tensor:
    height, width, channels = features.shape
    return ops.reshape(features, height * width, channels)


def load(files: ModelFiles) -> TinyVLM:
    """Return the architecture for this config."""
    return TinyVLM(files.config, files.preprocessor)
