"""The page's package is what the wheel's modules compile to: all, without docstrings, the same bytes each time."""

from __future__ import annotations

import json
import sys
import zipfile
import zlib
from io import BytesIO
from pathlib import Path

import pytest

from support.environment import ScriptError
from website.compiled_package import ensure_compiled_package
from website.core_wheel import ensure_core_wheel
from website.pyodide_files import FOLDER, ensure_pyodide
from website.pyodide_runner import run_in_pyodide

pytestmark = pytest.mark.slow

MODULE = '''"""Of the module."""
def function(value):
    """Of the function."""

    return value / 0
class Empty:
    """Alone in its class."""
'''
# Imports the archive as the page does.
LOOK = """
import json, shutil, sys, traceback, zlib
place = next(path for path in sys.path if path.endswith("site-packages"))
with open("/work/package.zip.zlib", "rb") as packed, open("/work/package.zip", "wb") as unpacked:
    unpacked.write(zlib.decompress(packed.read()))
shutil.unpack_archive("/work/package.zip", place, "zip")
import small.module
try:
    small.module.function(1)
except ZeroDivisionError as error:
    *_, last = traceback.extract_tb(error.__traceback__)
documented = [small.module, small.module.function, small.module.Empty]
found = {"docs": [thing.__doc__ for thing in documented], "file": last.filename[len(place):], "line": last.lineno}
with open("/work/found.json", "w") as file:
    json.dump(found, file)
"""


@pytest.fixture(scope="module")
def pyodide() -> Path:
    """The folder of Pyodide, fetched where it is missing."""
    ensure_pyodide(Path(sys.executable))
    return FOLDER


def wheel_of(folder: Path, text: str) -> Path:
    """A wheel of one module; the same text gives the same bytes."""
    path = folder / "small.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(zipfile.ZipInfo("small/__init__.py"), "")
        wheel.writestr(zipfile.ZipInfo("small/module.py"), text)
        wheel.writestr(zipfile.ZipInfo("small-1.dist-info/METADATA"), "Name: small")
    return path


def test_it_has_every_module_and_few_bytes(pyodide: Path, tmp_path: Path) -> None:
    wheel = ensure_core_wheel(Path(sys.executable))
    first, again = (ensure_compiled_package(wheel, tmp_path / name) for name in ("first", "again"))
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(wheel) as sources, zipfile.ZipFile(BytesIO(zlib.decompress(first.read_bytes()))) as compiled:
        modules = sorted(name for name in sources.namelist() if name.endswith(".py"))
        assert compiled.namelist() == [f"{name}c" for name in modules]
        assert {entry.date_time for entry in compiled.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert first.stat().st_size < 350_000


def test_lines_stay_and_docstrings_go(pyodide: Path, tmp_path: Path) -> None:
    made = ensure_compiled_package(wheel_of(tmp_path, MODULE), tmp_path / "package.zip.zlib")
    program = tmp_path / "look.py"
    program.write_text(LOOK)
    found = json.loads(run_in_pyodide(program, {"package.zip.zlib": made}, "found.json", pyodide))
    assert found == {"docs": [None, None, None], "file": "/small/module.py", "line": 5}


def test_it_is_made_again_where_it_is_damaged_or_the_wheel_has_changed(
    pyodide: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "made" / "package.zip"
    made = ensure_compiled_package(wheel_of(tmp_path, MODULE), path).read_bytes()
    assert "Compiling" in capfd.readouterr().err
    assert ensure_compiled_package(wheel_of(tmp_path, MODULE), path) == path
    assert capfd.readouterr().err == ""
    path.write_bytes(made[:-1])
    assert ensure_compiled_package(wheel_of(tmp_path, MODULE), path).read_bytes() == made
    assert ensure_compiled_package(wheel_of(tmp_path, f"{MODULE}one = 1\n"), path).read_bytes() != made
    with pytest.raises(ScriptError, match=r"compile_modules.py failed in Pyodide:(?s:.*)SyntaxError"):
        ensure_compiled_package(wheel_of(tmp_path, "one ="), path)
