"""The tables of docs/embedding.md say of <tiny-vlm> and of errors what the code says."""

from __future__ import annotations

import re
from pathlib import Path

from test_errors import web_table

from tinyvlm.error_table import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/embedding.md").read_text(encoding="utf-8")
ELEMENT = ROOT / "web/element"


def source(name: str) -> str:
    return (ELEMENT / name).read_text(encoding="utf-8")


def table(heading: str) -> list[str]:
    """The first cells of the table whose first row begins so, without their backticks."""
    rows = TEXT[TEXT.index(f"| {heading}") :].partition("\n\n")[0].splitlines()[2:]
    return [row.split(" | ")[0].strip("| `") for row in rows]


def test_attributes() -> None:
    (listed,) = re.findall(r"ATTRIBUTES = Object.freeze\(\[(.*)\]\)", source("attributes.js"))
    assert sorted(table("attribute, and property")) == sorted(re.findall(r'"(\w+)"', listed))


def test_methods() -> None:
    methods = set(re.findall(r"^  (?:async |get )?([a-z]\w*)\(.*\) \{$", source("tiny_vlm_element.js"), re.M))
    lifecycle = {"constructor", "connectedCallback", "disconnectedCallback", "attributeChangedCallback"}
    assert {row.partition("(")[0] for row in table("property, method")} == methods - lifecycle


def test_events() -> None:
    told = re.findall(r'#tell\("(\w+)"', source("tiny_vlm_element.js"))
    assert sorted(table("event")) == sorted(f"tiny-vlm-{name}" for name in set(told))
    declared = (ROOT / "scripts/npm_package/globals.d.ts").read_text(encoding="utf-8")
    assert sorted(re.findall(r'"(tiny-vlm-\w+)":', declared)) == sorted(table("event"))


def test_parts_and_states() -> None:
    (listed,) = re.findall(r"there are the parts (.*?); the states", TEXT, re.S)
    parts = {name for names in re.findall(r'part\("\w+", "(.+)"\)', source("view.js")) for name in names.split()}
    assert set(re.findall(r"`([\w-]+)`", listed)) == parts
    states = set(re.findall(r'states\?\.add\("(\w+)"\)', source("tiny_vlm_element.js")))
    assert set(re.findall(r"`:state\((\w+)\)`", TEXT)) == states


def test_custom_properties() -> None:
    (block,) = re.findall(r"```css\n(.*?)```", TEXT, re.S)
    shown, used = (set(re.findall(r"--tiny-vlm-[\w-]+", text)) for text in (block, source("style.js")))
    assert shown == used


def test_errors() -> None:
    """The page's own, each with its sentence; and no code anywhere that there is not."""
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*) \|$", TEXT[TEXT.index("| code | sentence |") :], re.M))
    every = web_table()
    of_history = ("history-", "archive-")  # which is the page's alone
    assert rows == {
        code: sentence for code, sentence in every.items() if code not in SENTENCES and not code.startswith(of_history)
    }
    (strict,) = re.findall(r"\| code \| what the page(.*?)\n\n", TEXT, re.S)
    codes = [code for row in strict.splitlines()[2:] for code in re.findall(r"`([a-z-]+)`", row.split(" | ")[0])]
    assert len(codes) > 5
    assert set(codes) <= every.keys()
