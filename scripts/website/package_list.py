"""Makes the list of packages that the page's Pyodide reads at its start: of Pyodide's, those that the site has.

With all 280 of them it is 112 kB, which every first visit would fetch, and promises what the site does not serve.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from support.environment import write_atomically

from .pyodide_files import FOLDER, LOCK, PACKAGES


def ensure_package_list(pyodide: Path = FOLDER, packages: Sequence[str] = PACKAGES) -> Path:
    """Return the list, which has the name of Pyodide's, in a folder of its own."""
    whole = json.loads((pyodide / LOCK).read_text(encoding="utf-8"))
    packages_kept = {name: whole["packages"][name] for name in packages}
    data = json.dumps({**whole, "packages": packages_kept}, separators=(",", ":")).encode()
    path = pyodide / "made" / LOCK
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)
    return path
