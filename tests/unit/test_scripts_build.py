"""What is built for the page: the site's list, the wheels, the kernels' imports, the environments."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from kernel_build import compiler
from support import environment
from support.environment import ScriptError, ensure_venv
from tinyvlm.hub.open import DEFAULT_MODEL
from website.core_wheel import ensure_core_wheel
from website.site_files import PythonFiles, SiteFiles, list_site
from website.site_writer import write_site

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
WHEEL_CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]


@pytest.fixture(scope="module")
def core_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_core_wheel(Path(sys.executable), tmp_path_factory.mktemp("core") / "wheel")


def test_the_core_wheel_is_python_alone(core_wheel: Path) -> None:
    with zipfile.ZipFile(core_wheel) as wheel:
        names = wheel.namelist()
        metadata = wheel.read(next(name for name in names if name.endswith("/METADATA"))).decode()
    expected = {path.relative_to(ROOT / "py").as_posix() for path in (ROOT / "py").rglob("*.py")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    excluded = project["tool"]["hatch"]["build"]["targets"]["wheel"]["exclude"]
    native = {pattern.removeprefix("py/") for pattern in excluded if pattern.endswith(".py")}
    assert native < expected
    assert {name for name in names if ".dist-info/" not in name} == {*expected - native, "tinyvlm/py.typed"}
    assert all("emscripten" in line for line in metadata.splitlines() if line.startswith("Requires-Dist"))


def test_the_core_wheel_is_reproducible_and_built_only_when_needed(core_wheel: Path, tmp_path: Path) -> None:
    again = ensure_core_wheel(Path(sys.executable), tmp_path / "wheel")
    assert again.read_bytes() == core_wheel.read_bytes()
    assert ensure_core_wheel(tmp_path / "no-python", tmp_path / "wheel") == again


def test_changed_sources_are_built_again(tmp_path: Path) -> None:
    """A small project of its own, since the checkout's sources are not for tests to change."""
    (tmp_path / "py/small").mkdir(parents=True)
    module = tmp_path / "py/small/__init__.py"
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "small"\nversion = "1"\n'
        '[tool.hatch.build.targets.wheel]\npackages = ["py/small"]\n'
    )
    for text in ("one = 1\n", "two = 2\n"):
        module.write_text(text)
        wheel = ensure_core_wheel(Path(sys.executable), tmp_path / "build/wheel", tmp_path)
        with zipfile.ZipFile(wheel) as content:
            assert content.read("small/__init__.py").decode() == text
    module.write_text("three = 3\n")
    (tmp_path / "pyproject.toml").write_text("nonsense")
    with pytest.raises(ScriptError, match="could not be built"):
        ensure_core_wheel(Path(sys.executable), tmp_path / "build/wheel", tmp_path)


def test_the_whole_wheel_carries_kernels_and_models(tmp_path: Path) -> None:
    """On a copy with small stand-ins, since packing the weights takes seconds."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "py", tmp_path / "py", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/hatch_build.py", tmp_path / "scripts")
    for name in (DEFAULT_MODEL, "reader"):
        model = tmp_path / "web/models" / name
        model.mkdir(parents=True)
        (model / "config.json").write_text("{}")
    command = [sys.executable, "-P", "-m", "build", "--wheel", "--no-isolation", "--outdir", "out", "."]
    environment = {name: value for name, value in os.environ.items() if name != "TINYVLM_CORE_WHEEL"}
    subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("out/*.whl"))) as wheel:
        names = set(wheel.namelist())
    kernels = {f"tinyvlm/wasm/{variant}.wasm" for variant in compiler.VARIANTS}
    models = {f"tinyvlm/bundled/{name}/config.json" for name in (DEFAULT_MODEL, "reader")}
    assert kernels | models | {"tinyvlm/read_command.py"} <= names


def test_the_build_bundles_the_package_s_default_model() -> None:
    assert WHEEL_CONFIG["hooks"]["custom"]["default-model"] == DEFAULT_MODEL


def test_a_site_without_the_reader_s_folder_says_so(core_wheel: Path, tmp_path: Path) -> None:
    root = tmp_path / "checkout"
    (root / "web/models").mkdir(parents=True)
    shutil.copy(ROOT / "pyproject.toml", root)
    shutil.copy(ROOT / "web/sw.js", root / "web")
    shutil.copytree(ROOT / "py/tinyvlm/wasm", root / "py/tinyvlm/wasm")
    files = list_site([], python_files(tmp_path, core_wheel), root)
    assert json.loads(files["site.json"])["reader"] is None


def site_with(folder: Path, wheel: Path, stdlib: bytes = b"1234") -> SiteFiles:
    """The checkout's site on small stand-ins for Pyodide, what is compiled, and Jinja."""
    pyodide = [folder / "python_stdlib.zip", folder / "numpy.whl"]
    for path in pyodide:
        path.write_bytes(stdlib)
    return list_site(pyodide, python_files(folder, wheel))


def python_files(folder: Path, wheel: Path) -> PythonFiles:
    package, templates = folder / "package.zip", folder / "templates.zip"
    for path in (package, templates):
        path.write_bytes(b"1234")
    return PythonFiles(package, wheel, templates)


def test_site_json_tells_all_the_page_needs(core_wheel: Path, tmp_path: Path) -> None:
    files = site_with(tmp_path, core_wheel)
    site = json.loads(files["site.json"])
    assert site["release"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert site["pyodide"] == "pyodide/"
    assert site["default_model"] == DEFAULT_MODEL
    for name in site["models"]:
        assert f"models/{name}/config.json" in files
    assert site["reader"] == WHEEL_CONFIG["hooks"]["custom"]["reader"] == "reader"
    assert f"models/{site['reader']}/parts.json" in files
    assert site["reader"] not in site["models"], "it answers no questions by itself"
    package = site["package"]
    assert files[package["url"]] == tmp_path / "package.zip"
    assert site["files"][package["url"]] == {"size": package["size"], "sha256": hashlib.sha256(b"1234").hexdigest()}
    assert (files[site["wheel"]], files[site["templates"]]) == (core_wheel, tmp_path / "templates.zip")
    assert site["templates"] in site["files"]
    assert site["wheel"] not in site["files"], "the page itself makes no use of it"
    assert set(site["kernels"]) == set(compiler.VARIANTS)
    assert {"index.html", "app.js", "tinyvlm.js", "engine/lead/worker.js", "pyodide/numpy.whl"} <= set(files)
    assert not [url for url in files if url.startswith(("/", ".")) or "/." in url]


def test_site_json_lists_what_is_needed_offline_with_its_hash(core_wheel: Path, tmp_path: Path) -> None:
    files = site_with(tmp_path, core_wheel)
    site = json.loads(files["site.json"])
    weights = {url for url in files if url.startswith("models/") and not url.endswith("/parts.json")}
    assert f"models/{DEFAULT_MODEL}/model.safetensors" in weights
    assert f"models/{DEFAULT_MODEL}/parts.json" in site["files"]
    others = {url for url in files if url.startswith("element") or url in ("example.html", site["wheel"])}
    assert {"element.js", "element/view.js", "example.html"} <= others
    assert set(site["files"]) == set(files) - weights - others - {"site.json", "sw.js", "pyodide/numpy.whl"}
    for url, described in site["files"].items():
        content = files[url]
        assert isinstance(content, Path)
        data = content.read_bytes()
        assert described == {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def test_the_site_s_version_changes_with_its_files_alone(core_wheel: Path, tmp_path: Path) -> None:
    versions = [
        json.loads(site_with(tmp_path, core_wheel, text)["site.json"])["version"] for text in (b"1", b"1", b"2")
    ]
    assert versions[0] == versions[1] != versions[2]


def test_the_service_worker_carries_what_it_keeps(core_wheel: Path, tmp_path: Path) -> None:
    files = site_with(tmp_path, core_wheel)
    first, _, rest = files["sw.js"].partition(b"\n\n")
    kept = json.loads(first.removeprefix(b"const FILES = ").removesuffix(b";"))
    site_json = files["site.json"]
    assert kept.pop("site.json") == {"size": len(site_json), "sha256": hashlib.sha256(site_json).hexdigest()}
    assert kept == json.loads(site_json)["files"]
    assert rest == (ROOT / "web/sw.js").read_bytes()


def test_the_manifest_s_addresses_are_relative_and_there(core_wheel: Path, tmp_path: Path) -> None:
    files = site_with(tmp_path, core_wheel)
    manifest = json.loads((ROOT / "web/manifest.webmanifest").read_text())
    assert manifest["start_url"] == manifest["scope"] == "./"
    for icon in manifest["icons"]:
        path = files[icon["src"]]
        if icon["src"].endswith(".png"):
            with Image.open(path) as image:
                assert icon["sizes"] == "{}x{}".format(*image.size)


def test_the_built_site_is_the_list_and_what_hosts_read(core_wheel: Path, tmp_path: Path) -> None:
    files, out = site_with(tmp_path, core_wheel), tmp_path / "some/dist"
    first = write_site(files, out)
    (out / "left-over.txt").write_text("of an older version")
    assert write_site(files, out) == first == sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    built = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert set(built) == {*files, ".nojekyll", "_headers"}
    for name, content in files.items():
        assert built[name] == (content if isinstance(content, bytes) else content.read_bytes())
    assert {path.name for path in out.parent.iterdir()} == {"dist"}


def test_a_build_that_fails_leaves_the_former_one(core_wheel: Path, tmp_path: Path) -> None:
    files, out = site_with(tmp_path, core_wheel), tmp_path / "some/dist"
    write_site(files, out)
    (tmp_path / "numpy.whl").unlink()
    with pytest.raises(FileNotFoundError):
        write_site(files, out)
    assert (out / "pyodide/numpy.whl").exists()
    assert {path.name for path in out.parent.iterdir()} == {"dist"}


def test_a_folder_of_someone_s_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear reader")
    for out in (tmp_path, tmp_path / "letter.txt"):
        with pytest.raises(ScriptError, match="Choose another folder"):
            write_site({"index.html": b""}, out)
    assert (tmp_path / "letter.txt").read_text() == "Dear reader"


def test_the_committed_kernels_import_one_memory() -> None:
    for variant in compiler.VARIANTS:
        wasm = (compiler.OUTPUT / f"{variant}.wasm").read_bytes()
        assert compiler.list_imports(wasm) == [("env", "memory", 2)]


def test_imports_of_handwritten_binaries() -> None:
    head, memory = b"\0asm\1\0\0\0", b"\3env\6memory\2\3\1\x80\x80\2"
    function = b"\3env\1f\0\0"
    assert compiler.list_imports(head) == []
    assert compiler.list_imports(head + b"\1\1\0" + bytes([2, 1 + len(memory), 1]) + memory) == [("env", "memory", 2)]
    both = bytes([2, 1 + len(memory + function), 2]) + memory + function
    assert compiler.list_imports(head + both) == [("env", "memory", 2), ("env", "f", 0)]
    with pytest.raises(ValueError, match="not a WebAssembly"):
        compiler.list_imports(b"\x7fELF")


def test_an_environment_is_made_anew_only_when_its_requirements_change(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("# nothing\n")
    python = ensure_venv("venv", requirements, tmp_path)
    marker = tmp_path / "venv/marker"
    marker.touch()
    assert ensure_venv("venv", requirements, tmp_path) == python
    assert marker.exists()
    requirements.write_text("# nothing, in other words\n")
    assert ensure_venv("venv", requirements, tmp_path) == python
    assert not marker.exists()


def test_packages_that_cannot_be_installed_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("./no-such-folder-or-package\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScriptError, match=r"packages in requirements\.txt could not be installed"):
        ensure_venv("venv", requirements, tmp_path)
    assert not (tmp_path / "venv" / environment._STAMP).exists()


@pytest.mark.parametrize(
    ("version", "code", "words"), [("(3, 9)", 1, "needs Python 3.11 or newer"), ("(3, 11)", 0, "")]
)
def test_an_old_python_gets_a_sentence(version: str, code: int, words: str) -> None:
    script = f"import sys; sys.version_info = {version}; import support.environment"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT / "scripts", capture_output=True, text=True)
    assert (done.returncode, words in done.stderr) == (code, True)
    assert "Traceback" not in done.stderr
