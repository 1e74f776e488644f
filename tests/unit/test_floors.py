"""The tables of rooms in docs/architecture.md hold: no import runs up, none between rooms of one line, no circle."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE, SCRIPTS, WEB = ROOT / "py" / "tinyvlm", ROOT / "scripts", ROOT / "web"
ROOM = re.compile(r"[\w/]+(?:/|\.py|\.js)(?=\s)")
FACE = "__init__.py"
ALONE = ("sw.js",)
"""Runs before and beside the page; imports nothing, and nothing imports it."""

Imports = Mapping[str, set[str]]
"""A file -> the files that it imports, all relative to the same folder."""


def floors(heading: str) -> list[list[str]]:
    """Return the rooms of every line of a table in docs/architecture.md, from the top."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    section = text.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    lines = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    return [ROOM.findall(line) for line in lines]


def python_imports(root: Path) -> Imports:
    """Read the imports between a folder's files, those inside functions and for types included."""
    files = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    return {name: set(_python_targets(name, path, set(files))) - {name} for name, path in files.items()}


def _python_targets(name: str, path: Path, files: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        level = node.level if isinstance(node, ast.ImportFrom) else 0
        start = Path(name).parent.joinpath(*[".."] * (level - 1)) if level else Path()
        for imported in node.names:
            module = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
            path = start.joinpath(*f"{module}{imported.name}".split("."))
            candidates = [f"{path}.py", f"{path}/{FACE}"]
            if isinstance(node, ast.ImportFrom):
                candidates += [f"{path.parent}.py", f"{path.parent}/{FACE}"]
            found = [file for candidate in candidates if (file := posixpath.normpath(candidate)) in files]
            assert found or not level, f"{name} imports {imported.name}, which is not there"
            yield from found[:1]


def web_imports() -> Imports:
    """Read the page's imports, those of types in comments included."""
    paths = [path for path in WEB.rglob("*.js") if path.name not in ALONE]
    imports: dict[str, set[str]] = {}
    for path in paths:
        name = path.relative_to(WEB).as_posix()
        found = re.findall(r"""(?:from|import)\s*\(?\s*"(\.[^"]+)\"""", path.read_text(encoding="utf-8"))
        imports[name] = {posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) for target in found} - {
            name
        }
    return imports


def room_of(file: str, rooms: list[str]) -> str:
    """Return the room that a file is in: the deepest folder of the table, or the file itself."""
    (longest,) = sorted((room for room in rooms if file == room or file.startswith(room)), key=len)[-1:] or [""]
    return longest


def wrong_imports(imports: Imports, table: list[list[str]]) -> list[str]:
    """Return every import that does not lead down."""
    floor = {room: index for index, rooms in enumerate(table) for room in rooms}
    wrong = []
    for file, targets in imports.items():
        for target in targets:
            mine, other = room_of(file, list(floor)), room_of(target, list(floor))
            if mine and mine != other and (not other or floor[other] <= floor[mine]):
                wrong.append(f"{file} -> {target}")
    return sorted(wrong)


def circle(imports: Imports) -> list[str]:
    """Return files that import each other in a loop; packages' faces only hand names on."""
    graph = {file: targets for file, targets in imports.items() if posixpath.basename(file) != FACE}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


CASES: dict[str, Callable[[], Imports]] = {
    "py/tinyvlm": partial(python_imports, PACKAGE),
    "scripts": partial(python_imports, SCRIPTS),
    "web": web_imports,
}


@pytest.mark.parametrize("heading", CASES)
def test_every_file_has_a_room_and_every_room_a_file(heading: str) -> None:
    files, rooms = set(CASES[heading]()), [room for line in floors(heading) for room in line]
    files -= {FACE}  # the package's own: what it hands on is public
    assert len(rooms) == len(set(rooms)) > 8
    assert sorted(file for file in files if not room_of(file, rooms)) == []
    assert sorted(room for room in rooms if not any(room_of(file, rooms) == room for file in files)) == []


@pytest.mark.parametrize("heading", CASES)
def test_imports_lead_down(heading: str) -> None:
    imports = CASES[heading]()
    assert sum(map(len, imports.values())) > len(imports)  # they were read
    assert wrong_imports(imports, floors(heading)) == []


@pytest.mark.parametrize("heading", CASES)
def test_no_files_import_each_other_in_a_circle(heading: str) -> None:
    assert circle(CASES[heading]()) == []


def test_imports_up_across_and_around_are_found() -> None:
    table = [["top.py"], ["left/", "right/"], ["ground.py"]]
    fine = {"top.py": {"left/a.py"}, "left/a.py": {"left/b.py", "ground.py"}, "left/b.py": set()}
    assert wrong_imports(fine, table) == [] == circle(fine)
    assert wrong_imports({"ground.py": {"left/a.py"}}, table) == ["ground.py -> left/a.py"]
    assert wrong_imports({"left/a.py": {"right/a.py"}}, table) == ["left/a.py -> right/a.py"]
    assert wrong_imports({"left/a.py": {"elsewhere.py"}}, table) == ["left/a.py -> elsewhere.py"]
    assert circle({"left/a.py": {"left/b.py"}, "left/b.py": {"left/a.py"}})
