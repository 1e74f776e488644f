"""Requests and questions to learn from: lists written by hand, sentences made of frames, and the same with typos.

lists/requests.txt and questions.txt were written for this, beside tests/golden/requests.json, whose lists "last" and
"last_served" are left out: they are measured once. A frame is a sentence with gaps, {animals} or {verb}ing, that are
filled from words.txt. caption_words.txt has what captions of the training photos say six times or more.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from support.environment import ROOT
from tinyvlm.answers.requests.english import plain_sentences

LISTS = Path(__file__).parent / "lists"
GOLDEN = ROOT / "tests" / "golden" / "requests.json"
_IN_FRAMES_ONLY = ("thing", "things", "animals", "clothes", "color", "part", "adj", "verb", "number")
_SEED = 5
_FRAMED = 6
"""How many sentences are made of a frame."""
_FRAME_WEIGHT, _TALK_WEIGHT, _TYPO_WEIGHT, _TYPO_SHARE = 0.25, 0.5, 0.5, 0.3
_TYPOS = 5
"""How many times as often questions are misspelled: to turn one away costs more."""
_TYPO_LENGTH = 4
"""How long a word is at least to be misspelled."""


@dataclass(frozen=True)
class Example:
    """A sentence's words, whether it is a request, how much it counts, and the list that it is from."""

    words: tuple[str, ...]
    is_request: bool
    weight: float
    source: str


def examples(talk: Sequence[str]) -> list[Example]:
    """Return all there is to learn from, in a fixed order; `talk` is what people say to chat robots."""
    rng = random.Random(_SEED)
    found: list[Example] = []
    for source, is_request, texts in _written():
        for text in texts:
            found += _read(text, is_request, 1.0, source)
            for _ in range(1 if is_request else _TYPOS):
                if rng.random() < _TYPO_SHARE:
                    found += _read(_misspelled(text, rng), is_request, _TYPO_WEIGHT, f"{source}, typos")
    words = _words()
    for name, is_request in (("request_frames", True), ("question_frames", False)):
        made = {_filled(frame, words, rng) for frame in _lines(name) for _ in range(_FRAMED if "{" in frame else 1)}
        for text in sorted(made):
            found += _read(text, is_request, _FRAME_WEIGHT, name)
    for text in talk:
        found += _read(text, True, _TALK_WEIGHT, "talk")
    return found


def caption_words() -> list[str]:
    """Return the words of captions."""
    return (LISTS / "caption_words.txt").read_text(encoding="utf-8").split()


def kinds() -> dict[str, list[str]]:
    """Return words of kinds that requests are about or made with."""
    return {kind: words for kind, words in _words().items() if kind not in _IN_FRAMES_ONLY}


def _written() -> Iterator[tuple[str, bool, Sequence[str]]]:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    yield "served", False, golden["served"]
    yield "served_voices", False, golden["served_voices"]
    yield "served_fresh", False, golden["served_fresh"]
    yield "questions", False, _lines("questions")
    for part, by_language in golden["unserved"].items():
        if part != "last":
            yield part, True, by_language["en"]
    for voice, texts in golden["voices"].items():
        yield voice, True, texts
    yield "requests", True, _lines("requests")


def _read(text: str, is_request: bool, weight: float, source: str) -> list[Example]:
    """Return one example of a text of one sentence, none of others: which of theirs is the request is not told."""
    sentences = plain_sentences(text)
    return [Example(tuple(sentences[0].split()), is_request, weight, source)] if len(sentences) == 1 else []


def _lines(name: str) -> list[str]:
    return (LISTS / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def _words() -> dict[str, list[str]]:
    words = {kind: found.split() for kind, found in (line.split(":") for line in _lines("words"))}
    for kind in ("animal", "thing"):
        words[f"{kind}s"] = [
            f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s" for word in words[kind]
        ]
    return words


def _filled(frame: str, words: Mapping[str, Sequence[str]], rng: random.Random) -> str:
    def word(gap: re.Match[str]) -> str:
        chosen = rng.choice(words[gap[1]])
        return _with_ing(chosen) if gap[2] else chosen

    return re.sub(r"\{(\w+)\}(ing)?", word, frame)


def _with_ing(verb: str) -> str:
    if verb.endswith("e") and not verb.endswith("ee"):
        return f"{verb[:-1]}ing"
    doubled = re.fullmatch(r"\w?\w?[^aeiou][aeiou][bdgmnprt]", verb)
    return f"{verb}{verb[-1]}ing" if doubled else f"{verb}ing"


def _misspelled(text: str, rng: random.Random) -> str:
    """Drop, swap or double a letter inside one of a text's longer words."""
    words = text.split()
    long = [at for at, word in enumerate(words) if len(word) >= _TYPO_LENGTH]
    if not long:
        return text
    at = rng.choice(long)
    word = words[at]
    cut = rng.randrange(1, len(word) - 1)
    head, letter, tail = word[:cut], word[cut], word[cut + 1 :]
    words[at] = rng.choice((head + tail, head + tail[0] + letter + tail[1:], head + letter + letter + tail))
    return " ".join(words)
