"""Writes answers with the model in training: many for each image at once, token by token."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..dataset.texts import EOS, PAD
from ..model.network import Decoder, Layer, TinyVLM, attend


@torch.no_grad()
def write(model: TinyVLM, tokens: Tensor, question: Sequence[int], count: int, longest: int, greedy: bool) -> Tensor:
    """Image tokens (B, S, width) and one question's ids -> answers' ids (B, count, longest), PAD behind `<eos>`.

    Greedy, or drawn from the model's distribution.
    """
    caches = [_Cache(layer, tokens) for layer in model.text.layers]
    ids = torch.full((tokens.shape[0], count), question[0], device=tokens.device)
    ended = torch.zeros_like(ids, dtype=torch.bool)
    answers = []
    for position in range(len(question) + longest - 1):
        hidden = _step(model.text, ids, position, caches)
        if position + 1 < len(question):
            ids = torch.full_like(ids, question[position + 1])
            continue
        logits = model.text.logits(hidden).float()
        logits[..., :EOS] = -torch.inf  # <pad> and <bos> are no words
        ids = logits.argmax(-1) if greedy else torch.distributions.Categorical(logits=logits).sample()
        ids = ids.masked_fill(ended, PAD)
        answers.append(ids)
        ended = ended | (ids == EOS)
        if ended.all():
            break
    written = torch.stack(answers, -1)
    return torch.nn.functional.pad(written, (0, longest - written.shape[-1]), value=PAD)


class _Cache:
    """What a layer has seen: keys and values of the image, and of the text so far."""

    def __init__(self, layer: Layer, tokens: Tensor) -> None:
        self.image = layer.cross_attn.kv(tokens).chunk(2, -1)
        self.text: tuple[Tensor, Tensor] | None = None

    def add(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Append (B * count, 1, width) and return all."""
        new = keys, values
        if self.text is not None:
            new = torch.cat([self.text[0], keys], 1), torch.cat([self.text[1], values], 1)
        self.text = new
        return new


def _step(decoder: Decoder, ids: Tensor, position: int, caches: list[_Cache]) -> Tensor:
    """The next token's ids (B, count) -> hidden states (B, count, width)"""
    x = decoder.embed_tokens(ids) + decoder.embed_positions.weight[position]
    for layer, cache in zip(decoder.layers, caches, strict=True):
        query, keys, values = layer.self_attn.qkv(layer.self_attn_norm(x)).flatten(0, 1)[:, None].chunk(3, -1)
        keys, values = cache.add(keys, values)
        seen, _ = attend(query, keys, values, layer.heads, None)
        x = x + layer.self_attn.out(seen.view_as(x))
        keys, values = cache.image
        seen, _ = attend(layer.cross_attn.q(layer.cross_attn_norm(x)), keys, values, layer.heads, None)
        x = x + layer.cross_attn.out(seen)
        x = x + layer.mlp(layer.mlp_norm(x))
    return decoder.norm(x)
