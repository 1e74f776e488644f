"""axe finds nothing in any state of the page: in English in every scheme of colours, and in each other language.

With TINYVLM_LONG=1, as `scripts/test.py --long` sets it, in every language in every scheme.
"""

from __future__ import annotations

import os
from itertools import product
from typing import Any

import pytest

from axe import axe_findings, inject_axe
from page_states import ALL_STATES
from scripted_page import ScriptedPage
from test_page_access import enter
from test_page_languages import SPEAK

SCHEMES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
OTHERS = ["es", "fr", "de", "ja", "zh"]

# What keeps somebody out, and the rule that names it.
BARRIERS = {
    "select-name": "document.querySelector('#language').removeAttribute('aria-label');",
    "button-name": "document.querySelector('#send').textContent = '';",
    "color-contrast": "document.querySelector('.tagline').style.color = '#999';",
    "image-alt": "document.querySelector('#samples img').removeAttribute('alt');",
    "html-has-lang": "document.documentElement.lang = '';",
    "target-size": """
        const small = { minHeight: 0, height: '12px', width: '12px', padding: 0, overflow: 'hidden' };
        document.querySelector('.footer-buttons').style.gap = 0;
        for (const button of document.querySelectorAll('.footer-buttons button')) Object.assign(button.style, small);
    """,
}


def visits(number: int) -> list[tuple[str, str]]:
    """Return languages with schemes: English in all; the others in turn, so that over all states each meets each."""
    names = list(SCHEMES)
    if os.environ.get("TINYVLM_LONG") == "1":
        return [(code, name) for name, code in product(names, ["en", *OTHERS])]
    others = [(code, names[(number + at) % len(names)]) for at, code in enumerate(OTHERS)]
    return [("en", name) for name in names] + sorted(others, key=lambda pair: names.index(pair[1]))


def rules(page: ScriptedPage) -> set[str]:
    """By which rules axe finds something."""
    return {line.partition(":")[0] for line in axe_findings(page.page)}


@pytest.mark.parametrize("name", ALL_STATES)
def test_axe_finds_nothing(scripted: ScriptedPage, name: str) -> None:
    enter(scripted, ALL_STATES[name])
    inject_axe(scripted.page)
    found = []
    for code, scheme in visits(list(ALL_STATES).index(name)):
        scripted.page.emulate_media(**SCHEMES[scheme])
        scripted.page.evaluate(SPEAK, code)
        found += [f"{code}, {scheme}: {line}" for line in axe_findings(scripted.page)]
    assert found == []


def test_axe_finds_what_keeps_people_out(scripted: ScriptedPage) -> None:
    scripted.open()
    inject_axe(scripted.page)
    scripted.page.evaluate(f"() => {{ {''.join(BARRIERS.values())} }}")
    assert rules(scripted) == set(BARRIERS)


def test_axe_reads_the_colours_that_the_system_chose(scripted: ScriptedPage) -> None:
    scripted.page.emulate_media(**SCHEMES["forced"])
    scripted.open()
    inject_axe(scripted.page)
    scripted.page.evaluate(
        "() => Object.assign(document.querySelector('h1').style, { forcedColorAdjust: 'none', color: '#333' })"
    )
    assert rules(scripted) == {"color-contrast"}
