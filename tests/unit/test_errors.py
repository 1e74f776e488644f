"""The error tree, and the one table of codes and sentences that Python and the page share."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

import pytest

from tinyvlm import errors
from tinyvlm.error_table import SENTENCES
from tinyvlm.errors import TinyVLMError

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, WEB = ROOT / "py" / "tinyvlm", ROOT / "web"
KINDS = [errors.InputError, errors.ModelError, errors.LoadError, errors.KernelError, errors.CancelledError]
FOR_REPORTS = {"internal": {"reason"}, "python-failed": {"reason"}}
"""Details of the page's that no sentence names: what the browser said, for whoever reports the error."""
WEB_CALL = re.compile(r"(?<!function )\b(?:new (TinyVLMError|LateError)|notice)\(|\bsuper\((?=\")")
"""Where the page makes an error, an error of a class of its own, or a notice."""


@dataclass(frozen=True)
class Site:
    """A place that raises an error: its class, its code (None where that is no literal) and the details' names."""

    place: str
    kind: str
    code: str | None
    details: frozenset[str]


def python_kinds(texts: Iterable[str]) -> dict[str, str]:
    """Return the names of error classes, and which of KINDS each is: that itself, or one derived from it."""
    kinds = {kind.__name__: kind.__name__ for kind in (TinyVLMError, *KINDS)}
    for text in texts:
        for name, base in re.findall(r"^class (\w+)\((\w+)\):", text, re.M):
            if base in kinds and name not in kinds:
                kinds[name] = kinds[base]
    return kinds


def python_sites(text: str, place: str, kinds: Mapping[str, str]) -> Iterator[Site]:
    """Read a Python file's errors."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and (kind := kinds.get(ast.unparse(node.func).rpartition(".")[2])):
            first = node.args[0] if len(node.args) == 1 else None
            code = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
            details = frozenset(keyword.arg or "**" for keyword in node.keywords)
            yield Site(f"{place}:{node.lineno}", kind, code, details)


def web_sites(text: str, place: str) -> Iterator[Site]:
    """Read a JavaScript file's errors and notices."""
    for match in WEB_CALL.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        literal = re.compile(r'\s*"([^"]*)",?\s*').match(text, match.end())
        rest = text[literal.end() :] if literal else ""
        details = frozenset(object_keys(rest)) if rest.startswith("{") else frozenset()
        yield Site(f"{place}:{line}", match[1] or "TinyVLMError", literal and literal[1], details)


def object_keys(text: str) -> Iterator[str]:
    """Return the names in the object literal that `text` begins with; "..." for what is spread into it."""
    text = re.sub(r"`[^`]*`|\"[^\"]*\"", '""', text)
    depth, start = 0, 1
    for at, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if (char == "," and depth == 1) or depth == 0:
            name = text[start:at].partition(":")[0].strip()
            start = at + 1
            if name:
                yield name if name.isidentifier() else "..."
        if depth == 0:
            return


def python_table_groups() -> dict[str, str]:
    """Return which kind of error the table's comments say of each code."""
    kind, groups = "", {}
    for line in (PACKAGE / "error_table.py").read_text(encoding="utf-8").splitlines():
        if comment := re.match(r"    # -+ (\w+)", line):
            kind = comment[1]
        elif row := re.match(r'    "([^"]+)": ', line):
            groups[row[1]] = kind
    return groups


def web_table(*names: str) -> dict[str, str]:
    """Read the page's tables, or those of these names."""
    found = [_web_rows(WEB / "engine" / "shared" / name) for name in names or TABLES]
    return dict(row for rows in found for row in rows.items())


def _web_rows(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    literal = r'"(?:[^"\\]|\\.)*"'
    rows = re.findall(rf'^  "?([^\s":]+)"?:\s*((?:{literal}[\s+]*)+),$', text, re.M)
    table = {code: "".join(json.loads(part) for part in re.findall(literal, sentence)) for code, sentence in rows}
    assert len(table) == len(rows) == len(re.findall(r"^  [^ /]", text, re.M))  # all was read
    return table


def fields(sentence: str) -> set[str]:
    """Return the details that a sentence names."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


TEXTS = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
PYTHON = [site for place, text in TEXTS.items() for site in python_sites(text, place, python_kinds(TEXTS.values()))]
PAGE = [
    site
    for path in sorted(WEB.rglob("*.js"))
    if path.name != "errors.js"  # makes them of what came over the wire
    for site in web_sites(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())
]

TABLES = ("error_table.js", "late_errors.js")
RAISING = [path for path in WEB.rglob("*.js") if not {"i18n", "samples"} & set(path.parts) and path.name not in TABLES]
"""Files that may name a code, and do not list their sentences."""


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_a_sentence_a_code_and_details(kind: type[TinyVLMError]) -> None:
    error = kind("template-invalid", found=1, images=2)
    assert isinstance(error, TinyVLMError)
    assert str(error) == "The chat template marks 1 of 2 images."
    assert (error.code, error.details) == ("template-invalid", {"found": 1, "images": 2})


def test_the_module_shows_the_whole_tree() -> None:
    assert set(KINDS) == set(TinyVLMError.__subclasses__())
    assert errors.__doc__
    assert set(re.findall(r"^ {6}(\w+Error)", errors.__doc__, re.M)) == {kind.__name__ for kind in KINDS}


@pytest.mark.parametrize(("code", "sentence"), sorted({*SENTENCES.items(), *web_table().items()}))
def test_a_row_is_a_code_and_a_sentence(code: str, sentence: str) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert re.fullmatch(r"(?:[A-Z]|\{\w+\})[^\n]*[^.\s]\.", sentence)
    assert "  " not in sentence
    for _, name, form, conversion in Formatter().parse(sentence):
        assert (form or "", conversion or "") == ("", "")
        assert name is None or name.isidentifier()


def test_the_page_has_every_sentence_of_python() -> None:
    page = web_table()
    assert {code: page.get(code) for code in SENTENCES} == SENTENCES


def test_errors_are_raised_as_their_rows_say() -> None:
    page = web_table()
    wrong = [site for site in PYTHON if site.code not in SENTENCES or site.details != fields(SENTENCES[site.code])]
    wrong += [
        site
        for site in PAGE
        if site.code not in page or site.details != fields(page[site.code]) | FOR_REPORTS.get(site.code, set())
    ]
    assert wrong == []


def test_every_row_is_raised() -> None:
    assert {site.code for site in PYTHON} == set(SENTENCES)
    of_the_page = web_table().keys() - SENTENCES.keys()
    assert of_the_page - {site.code for site in PAGE} == {"internal"}  # what errors.js makes of all others


def test_the_page_begins_without_the_sentences_of_late_errors() -> None:
    """Who raises one brings all of them along, by late_error.js."""
    here, late = web_table("error_table.js").keys(), web_table("late_errors.js").keys()
    assert here & late == set()
    raised = {site.code for site in PAGE if site.kind != "LateError"}
    assert late & raised == set()
    assert {site.code for site in PAGE if site.kind == "LateError"} <= late
    listed = re.findall(r'"([a-z0-9-]+)"', "\n".join(path.read_text(encoding="utf-8") for path in RAISING))
    assert here - raised - set(listed) == set()


def test_a_code_is_of_the_kind_that_the_table_says() -> None:
    groups = python_table_groups()
    assert groups.keys() == SENTENCES.keys()
    assert [site for site in PYTHON if site.kind != groups.get(site.code or "")] == []


def test_sites_are_read_as_they_are_written() -> None:
    text = """
class Late(LoadError):
    def __init__(self):
        raise errors.InputError("a-b", url=url, status=3) from error
        raise Late(code, **details)
    """
    assert [(site.kind, site.code, site.details) for site in python_sites(text, "", python_kinds([text]))] == [
        ("InputError", "a-b", {"url", "status"}),
        ("LoadError", None, {"**"}),
    ]
    text = """
    function notice(code) {}
    notice("n-n");
    class B extends TinyVLMError { constructor() { super("s-s", { file: f(1, { x: 2 }), name }); } }
    throw new LateError(
      "a-b",
      { url, name: `${a}, ${b}`, last: "c, d" },
    );
    throw new TinyVLMError(code, { url });
    throw new TinyVLMError("c-d", { ...details });
    """
    assert [(site.code, site.details) for site in web_sites(text, "")] == [
        ("n-n", set()),
        ("s-s", {"file", "name"}),
        ("a-b", {"url", "name", "last"}),
        (None, set()),
        ("c-d", {"..."}),
    ]
