"""What is in the npm package, as one list: modules, types, and the part of the site that the engine fetches."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from support.environment import ROOT
from website.site_files import SiteFiles

NAME = "tinyvlm"
MODULES = ("tinyvlm.js", "element.js", "element/*.js", "engine/*.js")
DATA = ("pyodide/*", "python/*", "kernels/*")
MODELS = ("models/*",)
ON_DEMAND = ("pyodide/*.whl",)
"""numpy and the like: the engine needs none, and they would be another 12 MB."""
HERE = Path(__file__).parent
COPY = "copy.mjs"
GLOBALS = "globals.d.ts"


def package_files(site: SiteFiles, types: Mapping[str, bytes], *, data: bool = True, models: bool = True) -> SiteFiles:
    """Return path in the package -> file or bytes.

    `types` are the declarations that `declarations` made. Without `data` it is modules alone; without `models` it has
    Python and the kernels, for pages whose model comes by name or address.
    """
    wanted = (*MODULES, *(DATA if data else ()), *(MODELS if data and models else ()))
    chosen = {
        name: content for name, content in site.items() if _matches(name, wanted) and not _matches(name, ON_DEMAND)
    }
    files: SiteFiles = {**chosen, **types}
    if data:
        files["site.json"] = _site_json(site, chosen)
        files[COPY] = HERE / COPY
    files["README.md"] = HERE / "README.md"
    files["LICENSE"] = ROOT / "LICENSE"
    files["package.json"] = _package_json(files, has_data=data)
    return files


def _package_json(files: SiteFiles, *, has_data: bool) -> bytes:
    """Its version, licence and description are those of the Python package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    modules = {".": "tinyvlm", "./element": "element"}
    exports: dict[str, Any] = {
        key: {"types": f"./{module}.d.ts", "default": f"./{module}.js"} for key, module in modules.items()
    }
    content = {
        "name": NAME,
        "version": project["version"],
        "description": project["description"],
        "license": project["license"],
        "type": "module",
        "main": "./tinyvlm.js",
        "types": "./tinyvlm.d.ts",
        "exports": {**exports, "./*": "./*"},
        "sideEffects": ["./element.js", "./engine/lead/*.js", "./engine/download/*.js", "./engine/shared/sentinel.js"],
        "files": sorted({name.split("/")[0] for name in files}),
        **({"bin": {"tinyvlm-copy": COPY}} if has_data else {}),
        "keywords": ["vision-language-model", "webassembly", "pyodide", "custom-element", "image", "ocr"],
    }
    return json.dumps(content, indent=2).encode() + b"\n"


def _site_json(site: SiteFiles, chosen: SiteFiles) -> bytes:
    """The site's own, less what is not here."""
    content = site["site.json"]
    assert isinstance(content, bytes)
    listed = json.loads(content)
    del listed["version"]
    listed["files"] = {name: row for name, row in listed["files"].items() if name in chosen}
    listed["models"] = [name for name in listed["models"] if f"models/{name}/config.json" in chosen]
    if f"models/{listed['reader']}/parts.json" not in chosen:
        listed["reader"] = None
    version = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    return json.dumps({"version": version, **listed}, indent=2).encode() + b"\n"


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)
