"""A Llama decoder alone: SmolLM2 and other text models that read no images."""

from __future__ import annotations

from collections.abc import Sequence

from ..ops import KeysValues, Ops, Tensor, Weights
from .architecture import DEFAULT_CONTEXT, Architecture, ModelFiles, token_ids_of
from .parts import llama


class LlamaText(Architecture):
    """See models.Architecture."""

    def __init__(self, files: ModelFiles) -> None:
        """Read config.json and generation_config.json."""
        self.config = llama.LlamaConfig.from_dict(files.config)
        self.vocab_size = self.config.vocab_size
        self.max_positions = min(int(files.config["max_position_embeddings"]), DEFAULT_CONTEXT)
        self.eos_token_ids = token_ids_of(files.generation.get("eos_token_id", files.config.get("eos_token_id")))
        self.cache_shapes = self.config.cache_shapes(self.max_positions)

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


def load(files: ModelFiles) -> LlamaText:
    """Return the architecture for this config."""
    return LlamaText(files)
