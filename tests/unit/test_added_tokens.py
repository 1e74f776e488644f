"""What special tokens do to the text around them."""

from __future__ import annotations

import pytest

from tinyvlm.text.splits import AddedTokens


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ({}, [("x ", None), ("<i>", 7), (" \n y", None)]),
        ({"lstrip": True}, [("x", None), ("<i>", 7), (" \n y", None)]),
        ({"rstrip": True}, [("x ", None), ("<i>", 7), ("y", None)]),
        ({"lstrip": True, "rstrip": True}, [("x", None), ("<i>", 7), ("y", None)]),
    ],
)
def test_a_token_takes_the_spaces_that_it_strips(
    flags: dict[str, bool], expected: list[tuple[str, int | None]]
) -> None:
    tokens = AddedTokens([{"content": "<i>", "id": 7, **flags}])
    assert list(tokens.split("x <i> \n y")) == expected


def test_spaces_alone_are_no_part_where_they_are_stripped() -> None:
    tokens = AddedTokens([{"content": "<i>", "id": 7, "lstrip": True, "rstrip": True}])
    assert list(tokens.split(" <i>  <i> ")) == [("<i>", 7), ("<i>", 7)]
    assert list(tokens.split("")) == []


def test_the_longest_token_is_read() -> None:
    tokens = AddedTokens([{"content": "<a>", "id": 1}, {"content": "<a>b", "id": 2}])
    assert list(tokens.split("<a>b<a>c")) == [("<a>b", 2), ("<a>", 1), ("c", None)]
