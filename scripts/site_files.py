"""What the site is made of: one list of URL paths and files, for the server, the tests and static builds alike."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from _environment import ROOT
from core_wheel import ensure_core_wheel
from pyodide_dist import ensure_pyodide
from templates_archive import ensure_templates

SiteFiles = dict[str, Path | bytes]
"""URL path relative to the site's root -> a file, or the bytes themselves."""

VARIANTS = ("relaxed", "simd128")


def prepare_site(python: Path) -> SiteFiles:
    """Fetch and build what is missing, then list the site; `python` has the packages of requirements/run.txt."""
    return list_site(ensure_pyodide(python), ensure_core_wheel(python), ensure_templates(python))


def list_site(pyodide: Sequence[Path], wheel: Path, templates: Path, root: Path = ROOT) -> SiteFiles:
    """Return every file of the site, `site.json` included."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    web, kernels = root / "web", root / "py/tinyvlm/wasm"
    files: SiteFiles = {}
    for path in sorted(web.rglob("*")):
        name = path.relative_to(web)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            files[name.as_posix()] = path
    parts = {f"pyodide/{path.name}": path for path in pyodide}
    parts |= {f"kernels/{variant}.wasm": kernels / f"{variant}.wasm" for variant in VARIANTS}
    parts[f"python/{wheel.name}"] = wheel
    parts[f"python/{templates.name}"] = templates
    files |= parts
    files["site.json"] = _site_json(project, web, parts, wheel, templates)
    return files


def _site_json(project: dict[str, Any], web: Path, parts: dict[str, Path], wheel: Path, templates: Path) -> bytes:
    """Tell the page where everything is; addresses are relative, so that a site works under any path."""
    optional = {url for url, path in parts.items() if path.suffix in (".whl", ".zip") and path != wheel}
    sizes = {url: path.stat().st_size for url, path in parts.items() if url not in optional and path.exists()}
    hook = project["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]["custom"]
    content = {
        "version": project["project"]["version"],
        "pyodide": "pyodide/",
        "wheel": {
            "url": f"python/{wheel.name}",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "size": wheel.stat().st_size,
        },
        "templates": {"url": f"python/{templates.name}"},
        "kernels": {variant: f"kernels/{variant}.wasm" for variant in VARIANTS},
        "models": sorted(path.parent.name for path in web.glob("models/*/config.json")),
        "default_model": hook["default-model"],
        "sizes": sizes,
    }
    return json.dumps(content, indent=2).encode() + b"\n"
