"""What the site is made of: one list of URL paths and files, for the server, the tests and static builds alike."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, NamedTuple

from support.environment import ROOT

from .compiled_package import ensure_compiled_package
from .core_wheel import ensure_core_wheel
from .package_list import ensure_package_list
from .pyodide_files import ensure_pyodide
from .standard_library import ensure_standard_library
from .templates_archive import ensure_templates
from .zip_library import TYPES, ensure_zip_library

SiteFiles = dict[str, Path | bytes]
"""URL path relative to the site's root -> a file, or the bytes themselves."""

VARIANTS = ("relaxed", "simd128")
FOR_OTHERS = ("element.js", "element/*", "example.html", "python/*.whl")
"""Of use to other pages and notebooks; the site's own page would keep them for times without a network."""


class PythonFiles(NamedTuple):
    """What the site has of Python besides Pyodide."""

    package: Path
    """tinyvlm, compiled."""
    wheel: Path
    """tinyvlm's sources, as notebooks install it."""
    templates: Path


def prepare_site(python: Path, *, live: bool = False, small: bool = False) -> SiteFiles:
    """Fetch and build what is missing, then list the site; `python` has the packages of requirements/run.txt.

    `small`: as `list_site` has it, which needs these packages here, too.
    """
    pyodide = {path.name: path for path in ensure_pyodide(python)}
    pyodide |= {path.name: path for path in (ensure_standard_library(), ensure_package_list())}
    wheel = ensure_core_wheel(python)
    modules = PythonFiles(ensure_compiled_package(wheel), wheel, ensure_templates(python))
    return list_site([*pyodide.values()], modules, vendored=vendored_files(), live=live, small=small)


def read(content: Path | bytes) -> bytes:
    """Return the bytes of a file of the site."""
    return content if isinstance(content, bytes) else content.read_bytes()


def vendored_files() -> list[Path]:
    """Libraries of the page's own scripts, with their licences; fetched where they are missing."""
    return [path for name, path in ensure_zip_library().items() if name != TYPES]


def list_site(
    pyodide: Sequence[Path],
    python: PythonFiles,
    root: Path = ROOT,
    *,
    vendored: Sequence[Path] = (),
    live: bool = False,
    small: bool = False,
) -> SiteFiles:
    """Return every file of the site, `site.json` included.

    `vendored`: libraries, which go to vendor/.
    `live`: files may be edited while they are served; the service worker then steps in only when the server is gone.
    `small`: the page's own scripts and styles come without comments and indentation.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    web, kernels = root / "web", root / "py/tinyvlm/wasm"
    files: SiteFiles = {}
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            files[name.as_posix()] = path
    if small:
        files |= _smaller(files)
    files |= {f"pyodide/{path.name}": path for path in pyodide}
    files |= {f"vendor/{path.name}": path for path in vendored}
    files |= {f"kernels/{variant}.wasm": kernels / f"{variant}.wasm" for variant in VARIANTS}
    files |= {f"python/{path.name}": path for path in python}
    site_json = _site_json(project, files, python, live)
    files["site.json"] = site_json
    files["sw.js"] = _service_worker(files["sw.js"], site_json)
    return files


def _smaller(files: SiteFiles) -> SiteFiles:
    from .smaller import smaller

    return {name: smaller(name, read(content)) for name, content in files.items() if name.endswith((".js", ".css"))}


def _site_json(project: dict[str, Any], files: SiteFiles, python: PythonFiles, live: bool) -> bytes:
    """Tell the page where everything is; addresses are relative, so that a site works under any path."""
    kept = {name: _describe(content) for name, content in files.items() if _is_needed_offline(name)}
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    content = {
        "release": project["project"]["version"],
        "live": live,
        "pyodide": "pyodide/",
        "package": {"url": f"python/{python.package.name}", "size": python.package.stat().st_size},
        "wheel": f"python/{python.wheel.name}",
        "templates": f"python/{python.templates.name}",
        "kernels": {variant: f"kernels/{variant}.wasm" for variant in VARIANTS},
        "models": sorted(name.split("/")[1] for name in files if fnmatch(name, "models/*/tokenizer.json")),
        "default_model": hook["default-model"],
        "reader": hook["reader"] if f"models/{hook['reader']}/parts.json" in files else None,
        "files": kept,
    }
    version = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return json.dumps({"version": version, **content}, indent=2).encode() + b"\n"


def _service_worker(source: Path | bytes, site_json: bytes) -> bytes:
    """Put what it keeps in front, so that its bytes, by which browsers notice a new version, change with the site."""
    files = {**json.loads(site_json)["files"], "site.json": _describe(site_json)}
    return f"const FILES = {json.dumps(files)};\n\n".encode() + read(source)


def _is_needed_offline(name: str) -> bool:
    """Models are kept elsewhere, file by file, as their part lists name them; packages are loaded on demand."""
    if name.startswith("models/"):
        return name.endswith("/parts.json")
    return name != "sw.js" and not any(fnmatch(name, pattern) for pattern in ("pyodide/*.whl", *FOR_OTHERS))


def _describe(content: Path | bytes) -> dict[str, Any]:
    data = read(content)
    return {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
