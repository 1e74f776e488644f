"""What captions answer, by parses written down as the parser gives them: the parser itself is for training alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from train.dataset import parsed_questions
from train.dataset.photos import Photo
from train.rows import Question, Row

# A word a line: text, part of speech, tag, relation, and the number of the word that it depends on (from 0).
Parse = list[tuple[str, str, str, str, int]]

RUNNING_DOG: Parse = [
    ("A", "DET", "DT", "det", 4), ("black", "ADJ", "JJ", "amod", 4), ("and", "CCONJ", "CC", "cc", 1),
    ("white", "ADJ", "JJ", "conj", 1), ("dog", "NOUN", "NN", "nsubj", 5), ("runs", "VERB", "VBZ", "ROOT", 5),
    ("on", "ADP", "IN", "prep", 5), ("the", "DET", "DT", "det", 8), ("grass", "NOUN", "NN", "pobj", 6),
]  # fmt: skip
WEARING: Parse = [
    ("A", "DET", "DT", "det", 1), ("man", "NOUN", "NN", "ROOT", 1), ("wearing", "VERB", "VBG", "acl", 1),
    ("a", "DET", "DT", "det", 5), ("red", "ADJ", "JJ", "amod", 5), ("shirt", "NOUN", "NN", "dobj", 2),
    ("throws", "VERB", "VBZ", "acl", 1), ("orange", "ADJ", "JJ", "amod", 8), ("balls", "NOUN", "NNS", "dobj", 6),
]  # fmt: skip
DRESSED: Parse = [
    ("girl", "NOUN", "NN", "ROOT", 0), ("in", "ADP", "IN", "prep", 0), ("blue", "ADJ", "JJ", "amod", 3),
    ("shorts", "NOUN", "NNS", "pobj", 1), ("attempting", "VERB", "VBG", "acl", 0),
]  # fmt: skip
TWO_DOGS: Parse = [
    ("brown", "ADJ", "JJ", "amod", 1), ("dog", "NOUN", "NN", "nsubj", 2), ("chases", "VERB", "VBZ", "ROOT", 2),
    ("white", "ADJ", "JJ", "amod", 4), ("dog", "NOUN", "NN", "dobj", 2),
]  # fmt: skip


LEMMAS = {"runs": "run", "wearing": "wear", "throws": "throw", "chases": "chase", "attempting": "attempt"}


class Word:
    """As much of a parser's token as the rules look at."""

    def __init__(self, i: int, parse: Parse, words: list[Word]) -> None:
        self.i, self.text, self.pos_, self.tag_, self.dep_ = i, *parse[i][:4]
        self.lemma_ = LEMMAS.get(self.text, self.text)
        self._head, self._words = parse[i][4], words

    @property
    def head(self) -> Word:
        return self._words[self._head]

    @property
    def children(self) -> list[Word]:
        return [word for word in self._words if word._head == self.i and word is not self]

    @property
    def lefts(self) -> list[Word]:
        return [word for word in self.children if word.i < self.i]

    @property
    def conjuncts(self) -> list[Word]:
        return [word for word in self.children if word.dep_ == "conj"]


def read(parse: Parse) -> list[Word]:
    words: list[Word] = []
    words += [Word(i, parse, words) for i in range(len(parse))]
    return words


class Parser:
    """Gives these parses, whatever the texts say."""

    def __init__(self, *parses: Parse) -> None:
        self._parses = parses

    def pipe(self, texts: list[str], batch_size: int) -> Iterator[list[Word]]:
        assert (len(texts), batch_size > 0) == (len(self._parses), True)
        return map(read, self._parses)


def asked(monkeypatch: pytest.MonkeyPatch, *parses: Parse, common: int = 1) -> set[tuple[str, str]]:
    monkeypatch.setattr(parsed_questions, "_parser", lambda: Parser(*parses))
    monkeypatch.setattr(parsed_questions, "_COMMON", common)
    row = Row("flickr", "train", [""] * len(parses), [Question("Is there a dog in the picture?", "yes", "presence")])
    (photo,) = parsed_questions.with_parsed_questions([Photo(Path("a.jpg"), row)])
    assert photo.row.questions[0] == row.questions[0]
    return {(question.q, question.a) for question in photo.row.questions[1:]}


def test_colours_actions_and_places(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, RUNNING_DOG) == {
        ("What color is the dog?", "black and white"),
        ("What is the dog doing?", "running"),
        ("Where is the dog?", "on the grass"),
    }


def test_clothes_are_whose_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, WEARING) == {
        ("What color is the shirt?", "red"),
        ("What color are the balls?", "orange"),
        ("What is the man wearing?", "a red shirt"),
        ("What is the man doing?", "throwing"),
    }
    assert asked(monkeypatch, DRESSED) == {
        ("What color are the shorts?", "blue"),
        ("What is the girl wearing?", "blue shorts"),
    }


def test_of_two_dogs_it_is_not_told_which_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, TWO_DOGS) == set()


def test_what_one_caption_alone_says_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked(monkeypatch, RUNNING_DOG, DRESSED, common=2) == set()
    assert ("What is the dog doing?", "running") in asked(monkeypatch, RUNNING_DOG, RUNNING_DOG, common=2)
