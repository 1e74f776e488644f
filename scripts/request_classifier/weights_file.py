"""classifier_weights.py: the tables as text, in lines that a checkout can show."""

from __future__ import annotations

import base64
import textwrap
import zlib

from tinyvlm.answers.requests.classifier import Lexicon

_HEAD = '"""Made by scripts/build_requests.py: the tables of classifier.py one after another, zlib, base 85."""\n\n'
_WIDTH = 114


def weights_file(bias: int, lexicon: Lexicon, weights: bytes) -> str:
    """Return the module's text."""
    table = zlib.compress(lexicon.learnt + lexicon.captioned + lexicon.kinds + weights, 9)
    lines = textwrap.wrap(base64.b85encode(table).decode(), _WIDTH, break_on_hyphens=False)
    text = "".join(f'    "{line}"\n' for line in lines)
    return f"{_HEAD}BIAS = {bias}\nPACKED = (\n{text})\n"
