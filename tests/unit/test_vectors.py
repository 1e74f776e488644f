"""The rules that Python and JavaScript both follow, as cases in tests/vectors: Python's side.

tests/browser/test_page_vectors.py has the page's. Which repository a name or an address means, which files hold
weights, what a part list says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tinyvlm.errors import TinyVLMError
from tinyvlm.folder.model_folder import INDEX, TEXT_FILES, choose_weights
from tinyvlm.hub.repository import parse_name, parse_url
from tinyvlm.hub.web_folder import parse_part_list
from vectors import cases, read_vectors

ENDPOINT = read_vectors("urls")["endpoint"]


def name(case: dict[str, Any]) -> Any:
    return _repository(parse_name(case["text"]))


def url(case: dict[str, Any]) -> Any:
    return _repository(parse_url(case["url"], ENDPOINT))


def weights(case: dict[str, Any]) -> Any:
    index = case.get("index", "")
    inside = case.get("inside", {}).get
    return choose_weights(case["names"], lambda _: index, case.get("file"), case.get("mmproj"), inside)


def part_list(case: dict[str, Any]) -> Any:
    files = parse_part_list(case["text"].encode(), "https://example.org/model/")
    return [
        [file.name, file.size, file.digest, [[part.offset, part.length] for part in parts]]
        for file, parts in files.items()
    ]


def _repository(ref: Any) -> Any:
    return ref and {"name": ref.name, "revision": ref.revision, "file": ref.file}


RULES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "names": name,
    "urls": url,
    "weights": weights,
    "part_lists": part_list,
}


@pytest.mark.parametrize(("rule", "case"), [(rule, case) for rule in RULES for case in cases(rule)])
def test_python_follows_the_rule(rule: str, case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(TinyVLMError) as caught:
            RULES[rule](case)
        assert caught.value.code == case["error"]
    else:
        assert RULES[rule](case) == case["result"]


def test_both_sides_read_the_same_small_files() -> None:
    source = (Path(__file__).resolve().parents[2] / "web/engine/download/choose_weights.js").read_text(encoding="utf-8")
    (listed,) = re.findall(r"TEXT_FILES = Object\.freeze\(\[(.*?)\]\)", source, re.S)
    names = re.findall(r'"([^"]+)"|(INDEX)\b', listed)
    assert [name or INDEX for name, _ in names] == list(TEXT_FILES)
