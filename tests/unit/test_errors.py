"""The error tree: what callers may rely on."""

from __future__ import annotations

import re

import pytest

from tinyvlm import errors
from tinyvlm.errors import TinyVLMError

KINDS = [errors.InputError, errors.ModelError, errors.LoadError, errors.KernelError, errors.CancelledError]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_a_sentence_a_code_and_details(kind: type[TinyVLMError]) -> None:
    error = kind("some-code", "A sentence.", size=3)
    assert isinstance(error, TinyVLMError)
    assert (str(error), error.code, error.details) == ("A sentence.", "some-code", {"size": 3})


def test_the_module_shows_the_whole_tree() -> None:
    assert set(KINDS) == set(TinyVLMError.__subclasses__())
    assert errors.__doc__
    assert set(re.findall(r"^ {6}(\w+Error)", errors.__doc__, re.M)) == {kind.__name__ for kind in KINDS}
