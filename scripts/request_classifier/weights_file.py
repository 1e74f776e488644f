"""classifier_weights.py: three tables as text, in lines that a checkout can show."""

from __future__ import annotations

import base64
import textwrap

_HEAD = '"""Made by scripts/build_requests.py: what classifier.py looks up, in base 85."""\n\n'
_WIDTH = 114


def weights_file(bias: int, learnt: bytes, captioned: bytes, weights: bytes) -> str:
    """Return the module's text."""
    tables = {"LEARNT": learnt, "CAPTIONED": captioned, "WEIGHTS": weights}
    return f"{_HEAD}BIAS = {bias}\n" + "".join(f"{name} = (\n{_lines(table)})\n" for name, table in tables.items())


def _lines(table: bytes) -> str:
    text = base64.b85encode(table).decode()
    return "".join(f'    "{line}"\n' for line in textwrap.wrap(text, _WIDTH, break_on_hyphens=False))
