"""Architectures: what a `model_type` in config.json stands for. Adding one is a file and a row here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from ..errors import ModelError
from ..ops import CacheShape, KeysValues, Ops, Tensor, Weights

ARCHITECTURES = {"tinyvlm": ".tinyvlm"}
"""`model_type` -> the module here whose `load(config, preprocessor)` returns an Architecture."""


class Architecture(Protocol):
    """A model as pure functions over `ops`, with the sizes a backend must know beforehand."""

    image_size: int
    """Side of the square that images are resized to, in pixels."""
    resample: int
    """Pillow's number of the resampling filter."""
    vocab_size: int
    max_positions: int
    """Prompt and answer together, in tokens."""
    eos_token_id: int
    image_state_shapes: Sequence[tuple[int, int]]
    """Shapes of what `encode` returns: all that text needs to know of an image."""
    cache_shapes: Sequence[CacheShape]
    """Every layer's KV cache."""

    def encode(self, ops: Ops, weights: Weights, image: Any) -> list[Tensor]:
        """RGB image -> image state."""

    def forward(
        self,
        ops: Ops,
        weights: Weights,
        token_ids: Tensor,
        position: int,
        image_state: Sequence[Tensor],
        cache: Sequence[KeysValues],
    ) -> Tensor:
        """Token ids (T,) at `position`.. -> hidden states (T, hidden_size); extends `cache`."""

    def logits(self, ops: Ops, weights: Weights, hidden: Tensor) -> Tensor:
        """(T, hidden_size) -> (T, vocab_size)."""

    def prompt(self, question: str) -> str:
        """Return the text that the model continues with an answer to `question`."""

    prompt_prefix: Sequence[int]
    """Token ids before the prompt."""


def load_architecture(config: Mapping[str, Any], preprocessor: Mapping[str, Any]) -> Architecture:
    """Return the architecture that a model folder's config.json names; ModelError where it is unknown or malformed."""
    model_type = config.get("model_type")
    if model_type not in ARCHITECTURES:
        known = ", ".join(sorted(ARCHITECTURES))
        sentence = f"Models of type {model_type!r} are not supported; supported: {known}."
        raise ModelError("architecture-unknown", sentence, model_type=str(model_type))
    module = importlib.import_module(ARCHITECTURES[model_type], __name__)
    try:
        return cast(Architecture, module.load(config, preprocessor))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError("config-invalid", f"The model's config is not usable: {error!r}.") from error
