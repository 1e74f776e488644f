"""A Llama decoder alone: SmolLM2 and other text models that read no images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..ops import KeysValues, Ops, Precision, Tensor, Weights
from . import DEFAULT_CONTEXT, Message, ModelFiles, Profile, llama, no_videos, token_ids_of


class LlamaText:
    """See models.Architecture."""

    cache_precision: Precision = "q8"
    view_size, max_views, image_token = 0, 0, ""
    state_shapes: Sequence[tuple[int, int]] = ()
    prompt_prefix: Sequence[int] = ()

    def __init__(self, files: ModelFiles) -> None:
        """Read config.json and generation_config.json."""
        self.config = llama.LlamaConfig.from_dict(files.config)
        self.vocab_size = self.config.vocab_size
        self.max_positions = min(int(files.config["max_position_embeddings"]), DEFAULT_CONTEXT)
        self.eos_token_ids = token_ids_of(files.generation.get("eos_token_id", files.config.get("eos_token_id")))
        self.cache_shapes = self.config.cache_shapes(self.max_positions)

    def plan(self, height: int, width: int, profile: Profile) -> None:
        """See Architecture; never called, as `view_size` is 0."""

    def plan_video(self, frames: int, fps: float) -> None:
        """See Architecture."""
        raise no_videos()

    def views(self, ops: Ops, image: Any, plan: None) -> list[Tensor]:
        """See Architecture; never called, as `view_size` is 0."""
        return []

    def encode(self, ops: Ops, weights: Weights, view: Tensor) -> list[Tensor]:
        """See Architecture; never called, as `view_size` is 0."""
        return []

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
        x = llama.embed(ops, weights, token_ids)
        return llama.forward(ops, weights, self.config, x, position, cache)

    def logits(self, ops: Ops, weights: Weights, hidden: Tensor) -> Tensor:
        """See Architecture."""
        return llama.logits(ops, weights, self.config, hidden)

    def prompt(self, messages: Sequence[Message]) -> None:
        """See Architecture: the chat template says it."""

    def image_text(self, plan: None) -> str:
        """See Architecture; never called, as `view_size` is 0."""
        return ""


def load(files: ModelFiles) -> LlamaText:
    """Return the architecture for this config."""
    return LlamaText(files)
