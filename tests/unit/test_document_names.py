"""What the documents name is there: links, files, commands; and docs/kernels.md says what its script does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from linear_steps import table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "scripts/**/*.md", "web/models/**/*.md") for path in ROOT.glob(pattern)
)
BASES = ("", "py/tinyvlm", "web")
"""What paths in the text may be relative to."""
DECISIONS = sorted(ROOT.glob("docs/decisions/[0-9]*.md"))
PARTS = ["Situation", "Choice", "Given up", "See"]


def names(text: str) -> Iterator[str]:
    """Yield the files that a document names, in backticks or in a command."""
    yield from re.findall(r"`((?:\w[\w.-]*/)+[\w.-]+\.(?:py|js|c|h|md|html|svg|wasm))\b(?:: \w+)?`", text)
    yield from re.findall(r"(?<![\w/.-])(?:scripts|tests|docs|wasm-kernels)/[\w/-]+\.(?:py|js|c|h|md|txt)\b", text)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in links if link and not (document.parent / link).exists()] == []
    assert [name for name in names(text) if not any((ROOT / base / name).exists() for base in BASES)] == []


def test_names_are_found() -> None:
    text = "`a/b.py`, `wasm/{x,y}.wasm`, [c](d/e.md), `see f.py`\n\n    python3 scripts/g.py tests/h/i.py -k j"
    assert list(names(text)) == ["a/b.py", "scripts/g.py", "tests/h/i.py"]


def test_the_index_lists_every_decision() -> None:
    index = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d+)\]\((.+)\) \| (.+) \|$", index, re.M)
    titles = [path.read_text(encoding="utf-8").splitlines()[0] for path in DECISIONS]
    assert [f"# {number}. {title}" for number, _, title in listed] == titles
    assert [name for _, name, _ in listed] == [path.name for path in DECISIONS]
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("page", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.M) == PARTS
    assert len(text.splitlines()) <= 60


def test_the_steps_of_a_kernel_are_those_of_the_script() -> None:
    text = (ROOT / "docs/kernels.md").read_text(encoding="utf-8")
    rows = text[text.index("| --- |") :].partition("\n\n")[0]
    assert re.findall(r"^\| (.+?) \| ", rows, re.M)[1:] == [row.label for row in table.ROWS]
    for source in table.FOLDER.glob("*.c"):
        assert f"](../scripts/linear_steps/{source.name})" in text


def test_the_definition_of_a_kernel_holds() -> None:
    text = (ROOT / "docs/kernels.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, re.S)
    exec(compile(block, "kernels.md", "exec"), {})
