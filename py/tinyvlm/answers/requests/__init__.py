"""`Requests`: what a model says where it is asked for something that it was not made for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ModelError
from .english import prepared, request_in
from .languages import ENGLISH, language_of
from .sentences import ABILITIES, ENGLISH_ONLY, GREETING, THANKS

_PICTURES = "pictures"
_MOST = 400
"""How many characters of a question are read: what is asked for is said sooner."""
_IN_ENGLISH = {"greeting": GREETING, "thanks": THANKS, "other": ABILITIES}


@dataclass(frozen=True)
class Requests:
    """Made for short English questions about pictures: anything else gets a sentence that says so."""

    made_for: str = _PICTURES

    @classmethod
    def from_config(cls, generation: Mapping[str, Any]) -> Requests | None:
        """Read `requests` of generation_config.json, None where it has none; ModelError("requests-invalid")."""
        value = generation.get("requests")
        if value is None:
            return None
        if isinstance(value, dict) and value.get("made_for") == _PICTURES:
            return cls()
        raise ModelError("requests-invalid")

    def prepared(self) -> Iterator[str]:
        """Get ready for questions, a few milliseconds at each step."""
        yield from prepared()

    def sentence_for(self, question: str) -> str | None:
        """Return what is said in place of an answer; None where the question is one for the model."""
        question = question[:_MOST]
        language = language_of(question)
        if language != ENGLISH:
            return ENGLISH_ONLY[language]
        request = request_in(question)
        return None if request is None else _IN_ENGLISH[request]


def pieces_of(sentence: str) -> Iterator[str]:
    """Yield a sentence word by word, as answers are streamed; without spaces, what stands between two marks."""
    yield from re.findall(r"\s*[^\s、，。：]+[、，。：]*", sentence)
