"""The page's small standard library has what its list names, the same bytes each time; its package list is short."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest

from support.environment import ScriptError
from website.core_wheel import ensure_core_wheel
from website.package_list import ensure_package_list
from website.pyodide_files import FOLDER, LOCK, PACKAGES, ensure_pyodide
from website.pyodide_runner import run_in_pyodide
from website.standard_library import NAMES, ensure_standard_library, used_modules
from website.templates_archive import ensure_templates


@pytest.fixture(scope="module")
def pyodide() -> Path:
    """The folder of Pyodide, fetched where it is missing."""
    ensure_pyodide(Path(sys.executable))
    return FOLDER


@pytest.mark.slow
def test_the_list_has_what_the_page_may_import_and_no_more(pyodide: Path) -> None:
    """`scripts/pyodide_dist.py --list` writes it anew."""
    listed = NAMES.read_text().split()
    python = Path(sys.executable)
    used = used_modules(ensure_core_wheel(python), ensure_templates(python)).split()
    assert sorted(set(used) - set(listed)) == [], "modules that would be fetched one visit after the other"
    assert sorted(set(listed) - set(used)) == [], "modules that nobody needs"
    assert listed == used


@pytest.mark.slow
def test_it_is_made_of_the_list_and_the_same_each_time(pyodide: Path, tmp_path: Path) -> None:
    made = [ensure_standard_library(pyodide, tmp_path / name) for name in ("first", "second")]
    assert made[0].read_bytes() == made[1].read_bytes() == ensure_standard_library().read_bytes()
    with zipfile.ZipFile(made[0]) as archive:
        modules = {name.removesuffix(".pyc").removesuffix("/__init__").replace("/", ".") for name in archive.namelist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert modules == {*NAMES.read_text().split(), "rest_of_library"}
    assert made[0].stat().st_size < 0.4 * (pyodide / "python_stdlib.zip").stat().st_size


@pytest.mark.slow
def test_it_is_made_again_where_it_is_damaged_or_the_list_has_changed(
    pyodide: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("json\njson.decoder\n")
    folder = tmp_path / "made"
    path = ensure_standard_library(pyodide, folder, names)
    made = path.read_bytes()
    capfd.readouterr()
    assert ensure_standard_library(pyodide, folder, names) == path
    assert capfd.readouterr().err == ""
    path.write_bytes(made[:-1])
    assert ensure_standard_library(pyodide, folder, names).read_bytes() == made
    names.write_text("json\n")
    assert ensure_standard_library(pyodide, folder, names).read_bytes() != made
    names.write_text("json\nno_such_module\n")
    with pytest.raises(ScriptError, match=r"compile_modules.py failed in Pyodide:(?s:.*)KeyError: 'no_such_module'"):
        ensure_standard_library(pyodide, folder, names)


@pytest.mark.slow
def test_what_is_compiled_keeps_lines_and_leaves_docstrings_and_columns(pyodide: Path, tmp_path: Path) -> None:
    """Pyodide's own docstrings stay: it copies them as it starts."""
    program = tmp_path / "look.py"
    program.write_text(LOOK)
    small = ensure_standard_library()
    found = json.loads(run_in_pyodide(program, {"small.zip": small}, "found.json", pyodide))
    assert found == {
        "file": "/lib/python312.zip/json/__init__.py",
        "constants": False,
        "lines": True,
        "columns": [None],
        "pyodide": True,
    }


LOOK = """
import json, marshal, zipfile

def code_of(name):
    return marshal.loads(archive.read(name)[16:])

def function_of(name, function):
    return next(c for c in code_of(name).co_consts if getattr(c, "co_name", "") == function)

with zipfile.ZipFile("/work/small.zip") as archive:
    loads = function_of("json/__init__.pyc", "loads")
    shown = function_of("_pyodide/docstring.pyc", "get_cmeth_docstring")
    found = {
        "file": loads.co_filename,
        "constants": any("Deserialize" in str(c) for c in loads.co_consts),
        "lines": json.loads.__code__.co_firstlineno == loads.co_firstlineno,
        "columns": sorted({position[2] for position in loads.co_positions()}),
        "pyodide": "docstring" in shown.co_consts[0],
    }
with open("/work/found.json", "w") as file:
    json.dump(found, file)
"""


def test_the_package_list_has_what_the_site_has(pyodide: Path) -> None:
    """And says of it what Pyodide's own says."""
    whole, ours = (json.loads(path.read_text()) for path in (pyodide / LOCK, ensure_package_list(pyodide)))
    assert ours["info"] == whole["info"]
    assert set(ours["packages"]) == set(PACKAGES)
    assert all(whole["packages"][name] == entry for name, entry in ours["packages"].items())
    assert all(set(entry["depends"]) <= set(PACKAGES) for entry in ours["packages"].values())
