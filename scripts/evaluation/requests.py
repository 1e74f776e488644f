"""How often what a model of pictures cannot serve is told so, and how often a question that it can answer is.

Of tests/golden/requests.json, written by hand. "first" is what the rules were written with, and "held_back" the other
half of that list; "later" and "unseen" came in rounds, each measured once and then used to correct what had missed it.
The "voices" were written after the rules and before the classifier, which learnt from them. "fresh" and "served_fresh"
were measured once with the first classifier (80 of 100 and 1 of 151) and learnt from then; "last" and "last_served"
were written before that, and measured once, when all was done, and again with what was learnt from afterwards. The
"others" and the "users" are by two people who knew what the model can do and had seen neither rules nor lists; what
lists happen to have, too, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from support.environment import ROOT
from tinyvlm.answers.requests import Requests

from .scores import wilson

LISTS = ROOT / "tests" / "golden" / "requests.json"
_PARTS = {
    "first": "the rules were written with",
    "held_back": "held back meanwhile",
    "later": "the rules were corrected by",
    "unseen": "written after the rules, learnt from since",
    "fresh": "written before the classifier, learnt from since",
}
_VOICES = "requests in English in six voices, learnt from"
_LAST = "requests in English, not learnt from"
_OTHERS = {
    "others": "by somebody who had seen no list, not learnt from",
    "users": "by somebody else who had seen no list, as users would ask, not learnt from",
}
_SERVED = {
    "served": "questions that it can answer, the rules were corrected by",
    "served_voices": "questions that it can answer, learnt from",
    "served_fresh": "questions that it can answer, measured once, learnt from since",
    "last_served": "questions that it can answer, not learnt from",
}


def request_table(path: Path = LISTS) -> str:
    """Return markdown: a row for each list, with how many of it got a sentence in place of an answer."""
    rows = [f"| {' | '.join(row)} |" for row in _rows(json.loads(path.read_text(encoding="utf-8")))]
    head = "| asked | told what it can do | 95 % interval | n |\n| --- | --- | --- | --- |"
    return "\n".join([head, *rows])


def _rows(lists: dict[str, Any]) -> Iterator[list[str]]:
    for part, said in _PARTS.items():
        by_language = lists["unserved"][part]
        others = [text for language, texts in by_language.items() if language != "en" for text in texts]
        yield _row(f"requests in English, {said}", by_language["en"])
        if others:
            yield _row(f"questions and requests in {len(by_language) - 1} other languages, {said}", others)
    yield _row(_VOICES, [text for texts in lists["voices"].values() for text in texts])
    yield _row(_LAST, lists["unserved"]["last"]["en"])
    for part, said in _OTHERS.items():
        yield _row(f"requests in English {said}", lists[part]["requests"])
    for part, said in _SERVED.items():
        yield _row(said, lists[part])
    for part, said in _OTHERS.items():
        yield _row(f"questions that it can answer {said}", lists[part]["questions"])


def _row(title: str, texts: Sequence[str]) -> list[str]:
    requests = Requests()
    hits = sum(requests.sentence_for(text) is not None for text in texts)
    low, high = wilson(hits, len(texts))
    share, *interval = (f"{100 * value:.1f} %" for value in (hits / len(texts), low, high))
    return [title, f"**{share}**", " to ".join(interval), f"{len(texts):,}"]
