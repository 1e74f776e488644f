"""Greedy CTC beside a plain twin: text, confidence, places, words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.reading.characters import DecodedLine, decode

ALPHABET = ("", "a", "b", "c", "你", "好", " ")


def spelled(text: str, *, gap: int = 1, content: float = 1.0) -> DecodedLine:
    """Return a line in which every character takes one step and blanks follow it."""
    classes = [step for character in text for step in (ALPHABET.index(character), *[0] * gap)]
    classes += [0] * round(len(classes) * (1 / content - 1))
    return decode(classes, [0.5] * len(classes), ALPHABET, content=content)


def test_repeats_are_one_character_and_blanks_part_them() -> None:
    line = decode([0, 1, 1, 0, 1, 2, 2, 2, 0], [1, 0.9, 0.1, 1, 0.5, 0.7, 1, 1, 1], ALPHABET)
    assert line.text == "aab"
    assert [character.probability for character in line.characters] == [0.9, 0.5, 0.7]
    assert line.confidence == pytest.approx(0.7)
    assert [(round(9 * c.start), round(9 * c.stop)) for c in line.characters] == [(1, 3), (4, 5), (5, 8)]
    assert line.characters[0].middle == pytest.approx(2 / 9)


def test_nothing_is_no_text() -> None:
    for classes in ([], [0, 0, 0]):
        line = decode(classes, [1.0] * len(classes), ALPHABET)
        assert (line.text, line.confidence, line.words) == ("", 0.0, ())


def test_as_many_probabilities_as_classes() -> None:
    with pytest.raises(ValueError, match="2 classes with 1 probabilities"):
        decode([1, 2], [0.5], ALPHABET)


def test_padding_does_not_move_what_is_read() -> None:
    whole, padded = spelled("ab c"), spelled("ab c", content=0.5)
    assert padded.characters == whole.characters
    outside = decode([0, 0, 1, 1], [1.0] * 4, ALPHABET, content=0.5).characters[0]
    assert (outside.start, outside.stop) == (1.0, 1.0)


def test_a_space_that_was_nearly_chosen_is_put_in() -> None:
    classes, probabilities = [1, 0, 0, 2, 0, 3, 3, 1], [0.9, 0.7, 0.6, 0.8, 0.9, 0.7, 0.7, 0.6]
    spaces = [0.0, 0.2, 0.4, 0.1, 0.35, 0.2, 0.9, 0.0]
    line = decode(classes, probabilities, ALPHABET, spaces=spaces)
    assert line.text == "a bca"
    space = line.characters[1]
    assert (space.text, space.probability, space.start, space.stop) == (" ", 0.4, 2 / 8, 3 / 8)
    assert line.confidence == decode(classes, probabilities, ALPHABET).confidence == pytest.approx(0.75)


def test_no_second_space_is_put_in() -> None:
    assert decode([1, 0, 6, 0, 2], [1.0] * 5, ALPHABET, spaces=[0, 0.4, 1, 0.4, 0]).characters[1].text == " "
    assert len(decode([1, 0, 6, 0, 2], [1.0] * 5, ALPHABET, spaces=[0, 0.4, 1, 0.4, 0]).characters) == 3
    assert decode([0, 1, 0], [1.0] * 3, ALPHABET, spaces=[0.4] * 3).text == "a"
    assert len(decode([0, 1, 0], [1.0] * 3, ALPHABET, spaces=[0.4] * 3).characters) == 1


def test_words_part_at_spaces_and_where_the_script_changes() -> None:
    assert [word.text for word in spelled("  ab c a ").words] == ["ab", "c", "a"]
    assert [word.text for word in spelled("ab你好c 好").words] == ["ab", "你好", "c", "好"]
    assert spelled(" a b ").text == "a b"


def test_a_word_has_the_mean_of_its_characters() -> None:
    line = decode([1, 2, 6, 3], [0.5, 0.7, 0.1, 0.9], ALPHABET)
    assert [word.confidence for word in line.words] == [pytest.approx(0.6), pytest.approx(0.9)]
    assert line.confidence == pytest.approx(0.55)


def test_words_stand_where_their_characters_do() -> None:
    first, second = spelled("ab ab").words
    # Ten steps, a character every second one: middles at 0.05, 0.25, [0.45], 0.65, 0.85, half an advance round each.
    assert (first.start, first.stop) == (pytest.approx(0.0), pytest.approx(0.35))
    assert (second.start, second.stop) == (pytest.approx(0.55), pytest.approx(0.95))
    (single,) = spelled("a").words
    assert (single.start, single.stop) == (0.0, 0.75)


def plain(classes: list[int]) -> str:
    text, before = "", 0
    for label in classes:
        if label not in (0, before):
            text += ALPHABET[label]
        before = label
    return text


@given(st.lists(st.integers(0, len(ALPHABET) - 1), max_size=40))
def test_any_classes_spell_as_a_plain_loop_has_it(classes: list[int]) -> None:
    line = decode(classes, [0.5] * len(classes), ALPHABET)
    assert "".join(character.text for character in line.characters) == plain(classes)
    assert "".join(word.text for word in line.words) == plain(classes).replace(" ", "")
    edges = [edge for word in line.words for edge in (word.start, word.stop)]
    assert edges == sorted(edges)
    assert all(0 <= edge <= 1 for edge in edges)
