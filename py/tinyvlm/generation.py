"""From a question to pieces of text: prefill, decode steps, sampling, streaming detokenization, stopping."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .backends import Runner
from .errors import CancelledError, InputError
from .models import Architecture
from .sampling import Sampler, SamplingParams
from .tokenizer import StreamDecoder, Tokenizer

CANDIDATES = 64
"""How many of the best logits a sampler chooses from."""

MAX_TOKEN_BYTES = 64
"""No token is longer; a question with more bytes than this times the context cannot fit."""


@dataclass
class GenerationStats:
    """What one answer took. Times in milliseconds."""

    prompt_tokens: int = 0
    prefill_ms: float = 0.0
    decode_ms: float = 0.0
    decode_steps: int = 0
    tokens: int = 0
    finish_reason: str = field(default="")
    """"stop" (the model ended), "length", or "cancelled"."""

    @property
    def decode_tokens_per_s(self) -> float:
        """Decode steps a second (the one that finds the end included); 0 when there were none."""
        return 1000 * self.decode_steps / self.decode_ms if self.decode_ms else 0.0


def encode_prompt(model: Architecture, tokenizer: Tokenizer, question: str) -> list[int]:
    """Return the prompt's token ids; InputError for an empty question or one that leaves no room for an answer."""
    if not isinstance(question, str):
        raise InputError("bad-question", "The question must be text.")
    question = " ".join(question.replace("\x00", " ").split())
    if not question:
        raise InputError("question-empty", "Please type a question about the image.")
    room = model.max_positions - 8
    ids: list[int] | None = None
    if len(question) <= room * MAX_TOKEN_BYTES:
        ids = [*model.prompt_prefix, *tokenizer.encode(model.prompt(question))]
    if ids is None or len(ids) > room:
        words = f"The question is too long: this model reads at most {room} tokens, about {room * 3 // 4} words."
        raise InputError("question-too-long", words, limit=room)
    return ids


def generate(
    runner: Runner,
    model: Architecture,
    tokenizer: Tokenizer,
    state: Any,
    prompt_ids: list[int],
    params: SamplingParams,
    stats: GenerationStats,
) -> Iterator[str]:
    """Yield the answer piece by piece as text that never splits a character; `stats` is filled on the way."""
    sampler, decoder = Sampler(params), StreamDecoder(tokenizer)
    greedy = params.temperature == 0
    limit = min(params.max_new_tokens, model.max_positions - len(prompt_ids))
    stats.prompt_tokens, started = len(prompt_ids), time.perf_counter()
    position, pending, begun = 0, prompt_ids, False
    try:
        while True:
            best = runner.extend(state, pending, position)
            position += len(pending)
            token = best
            if not greedy or (best == model.eos_token_id and not stats.tokens):
                # An answer has one token at least: the first is never the end.
                candidates = runner.candidates(CANDIDATES)
                if not stats.tokens:
                    candidates = [pair for pair in candidates if pair[0] != model.eos_token_id]
                token = sampler.pick(candidates)
            elapsed = (time.perf_counter() - started) * 1000
            if stats.tokens:
                stats.decode_steps += 1
                stats.decode_ms = elapsed - stats.prefill_ms
            else:
                stats.prefill_ms = elapsed
            if token == model.eos_token_id:
                stats.finish_reason = "stop"
                break
            stats.tokens += 1
            piece = decoder.push(token)
            if not begun:  # answers begin with a space, as words inside a text do
                piece = piece.lstrip()
            if piece:
                begun = True
                yield piece
            if stats.tokens >= limit:
                stats.finish_reason = "length"
                break
            pending = [token]
    except CancelledError:
        stats.finish_reason = "cancelled"
        raise
    rest = decoder.flush()
    if rest:
        yield rest
