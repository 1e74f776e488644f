"""From a prompt to pieces of text: prefill of what is new, decode steps, sampling, detokenization, stopping."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ..backends import Runner
from ..backends.looking import LOOK_ROWS, TokenLook
from ..errors import CancelledError
from ..media.encoded_image import EncodedImage
from ..models.architecture import Architecture
from ..text.prompts import PromptToken
from ..text.tokenizer import StreamDecoder, Tokenizer
from .constraints import Constraint
from .sampling import Sampler, SamplingParams, StopStrings
from .unsure import Unsure

CANDIDATES = 64
"""How many of the best logits a sampler chooses from."""


@dataclass
class GenerationStats:
    """What one answer took. Times in milliseconds."""

    prompt_tokens: int = 0
    reused_tokens: int = 0
    """Of the prompt's, those that the KV cache held already."""
    prefill_ms: float = 0.0
    decode_ms: float = 0.0
    decode_steps: int = 0
    tokens: int = 0
    dropped_turns: int = 0
    """Turns of the conversation that no longer fitted in the context."""
    finish_reason: str = field(default="")
    """"stop" (the model ended), "length", or "cancelled"."""
    unsure: bool = False
    """Whether the model's own answer was withheld (unsure.py)."""
    named: bool = False
    """Whether the image's class probabilities were put in words in its place (naming.py)."""
    unserved: bool = False
    """Whether a sentence was given in place of an answer that nobody asked the model for (requests/)."""
    placed: bool = False
    """Whether it says what two maps of where the model looks tell (places.py)."""
    read: bool = False
    """Whether the answer is text that a reader found in the image."""
    ids: list[int] = field(default_factory=list)
    """Its tokens, where it was made of any."""
    draft: bool = False
    """Whether a model answered whose weights were still to become exact."""

    @property
    def decode_tokens_per_s(self) -> float:
        """Decode steps a second (the one that finds the end included); 0 when there were none."""
        return 1000 * self.decode_steps / self.decode_ms if self.decode_ms else 0.0


class Generator:
    """Writes answers with one runner, and knows what its KV cache holds."""

    def __init__(self, runner: Runner, model: Architecture, tokenizer: Tokenizer) -> None:
        """Start with an empty cache."""
        self._runner = runner
        self._model = model
        self._tokenizer = tokenizer
        self._held: list[tuple[int, object]] = []
        self._is_stale = False

    def forget(self) -> None:
        """Let the next answer start from an empty cache: what it holds is no longer what this model would put there."""
        self._is_stale = True

    def generate(
        self,
        prompt: Sequence[PromptToken],
        params: SamplingParams,
        stats: GenerationStats,
        constraint: Constraint | None = None,
        unsure: Unsure | None = None,
    ) -> Iterator[str]:
        """Yield the answer piece by piece as text that never splits a character; `stats` is filled on the way.

        `unsure` may put a sentence in the place of a greedy answer that nothing constrains.
        """
        limit = min(params.max_new_tokens, self._model.max_positions - len(prompt))
        if constraint:
            constraint.limit(limit)
        yield from self._spelled(
            self._tokens(prompt, params, stats, constraint, unsure), limit, params, stats, constraint
        )

    def write(
        self, prompt: Sequence[PromptToken], text: str, params: SamplingParams, stats: GenerationStats
    ) -> Iterator[str]:
        """Yield a text as if it had been generated behind a prompt; the model takes no step for it."""
        limit = min(params.max_new_tokens, self._model.max_positions - len(prompt))
        stats.prompt_tokens = len(prompt)
        started = time.perf_counter()
        self._prefill(prompt, stats)
        stats.prefill_ms = (time.perf_counter() - started) * 1000
        yield from self._spelled(iter(self._tokenizer.encode(f" {text}")), limit, params, stats)

    def _spelled(
        self,
        tokens: Iterator[int],
        limit: int,
        params: SamplingParams,
        stats: GenerationStats,
        constraint: Constraint | None = None,
    ) -> Iterator[str]:
        """Yield what tokens spell, up to a stop string or the limit."""
        stops = StopStrings(params.stop)
        decoder = StreamDecoder(self._tokenizer)
        begun = False
        try:
            for token in tokens:
                stats.tokens += 1
                stats.ids.append(token)
                piece = stops.push(decoder.push(token))
                if not begun:  # answers begin with a space, as words inside a text do
                    piece = piece.lstrip()
                if stops.found or (constraint and constraint.finished):
                    stats.finish_reason = "stop"
                elif stats.tokens >= limit:
                    stats.finish_reason = "length"
                if piece:
                    begun = True
                    yield piece
                if stats.finish_reason:
                    break
        except CancelledError:
            stats.finish_reason = "cancelled"
            raise
        stats.finish_reason = stats.finish_reason or "stop"
        rest = stops.push(decoder.flush()) + stops.flush()
        if rest:
            yield rest

    def _tokens(
        self,
        prompt: Sequence[PromptToken],
        params: SamplingParams,
        stats: GenerationStats,
        constraint: Constraint | None,
        unsure: Unsure | None,
    ) -> Iterator[int]:
        """Yield the answer's ids up to the one that ends it."""
        ends = self._model.eos_token_ids
        runner = self._runner
        image = prompt[-1][1]
        sampler = Sampler(params, constraint, ends)
        seen = {token for token, _ in prompt}
        greedy = params.temperature == 0 and params.repetition_penalty == 1 and constraint is None

        def picked(best: int, suppressed: Collection[int] = ()) -> int | None:
            if greedy and best not in suppressed:
                return best
            return sampler.pick(runner.candidates(CANDIDATES), runner.all_logits, seen, suppressed)

        stats.prompt_tokens = len(prompt)
        started = time.perf_counter()
        token = picked(self._prefill(prompt, stats), ends)  # an answer has one token at least
        if greedy and unsure and token is not None:
            best = runner.candidates(CANDIDATES)
            withheld = unsure.withholds(token, best, self._model.vocab_size, runner.all_logits)
            stats.named = withheld and unsure.is_named
            stats.unsure = withheld and not unsure.is_named
        stats.prefill_ms = (time.perf_counter() - started) * 1000
        if unsure and (stats.unsure or stats.named):
            yield from self._tokenizer.encode(unsure.answer)
            return
        while token is not None and token not in ends:
            seen.add(token)
            if constraint:
                constraint.advance(token)
            yield token
            token = picked(self._append([(token, image)]))
            stats.decode_steps += 1
            stats.decode_ms = (time.perf_counter() - started) * 1000 - stats.prefill_ms

    def looks(self, stats: GenerationStats, image: EncodedImage) -> Iterator[TokenLook]:
        """Yield how each token of the answer came about that was just written: its tokens are run once more.

        Weights are those of the image's tokens, by row of its state. The KV cache keeps the prompt.
        """
        if not stats.ids:
            return
        start = stats.prompt_tokens - 1  # what is run behind this token chose the first one
        first = self._model.vocab_size
        columns = [at for at, (token, of) in enumerate(self._held) if token >= first and of is image.identity]
        run = [self._held[start][0], *stats.ids[:-1]]
        del self._held[start:]
        for at in range(0, len(run), LOOK_ROWS):
            part = slice(at, at + LOOK_ROWS)
            for look in self._runner.look(image.state, run[part], start + at, stats.ids[part]):
                yield (
                    look._replace(weights=[look.weights[column] for column in columns])
                    if columns and look.weights
                    else look
                )

    def _prefill(self, prompt: Sequence[PromptToken], stats: GenerationStats) -> int:
        """Bring the prompt into the cache, from where it differs from what is there."""
        same = 0
        if self._is_stale:
            self._held = []
            self._is_stale = False
        for mine, theirs in zip(self._held, prompt[:-1], strict=False):  # the last is run for its logits
            if mine != _known(theirs):
                break
            same += 1
        del self._held[same:]
        stats.reused_tokens = same
        return self._append(prompt[same:])

    def _append(self, tokens: Sequence[PromptToken]) -> int:
        """Run tokens behind those in the cache, one image's at a time; returns the id of the largest logit."""
        best = 0
        for _, run in groupby(tokens, key=lambda token: id(token[1])):
            part = list(run)
            image: EncodedImage | None = part[0][1]
            best = self._runner.extend(image and image.state, [token for token, _ in part], len(self._held))
            self._held.extend(_known(token) for token in part)
        return best


def _known(token: PromptToken) -> tuple[int, object]:
    """What is kept of a token in the cache: no image, which may be gone before the cache is."""
    return token[0], token[1] and token[1].identity
