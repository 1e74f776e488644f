"""Part of the page's small standard library: has the whole one fetched when a module is imported that is not in it.

Imports are synchronous, and so is what fetches: `standard_library` is a module that web/engine/lead/pyodide.js
registers. The whole library takes the small one's place, with all its sources, as if it had been there from the start.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from zipimport import zipimporter

LIBRARY = Path(__file__).parent
"""An archive, which this is a file of."""
NAMES: frozenset[str] = frozenset()
"""Of the modules that only the whole library has; compile_library.py appends them, and the next."""
SHA256 = ""
"""Of the whole library."""


class _RestOfLibrary:
    """The last of `sys.meta_path`: asked where nobody else has a module."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ImportError where the library cannot be had."""
        if name not in NAMES:
            return None
        sys.meta_path.remove(self)
        try:
            _fetch(name)
        except BaseException:
            sys.meta_path.append(self)
            raise
        return PathFinder.find_spec(name, path, target)


def install() -> None:
    """To be called once, before anybody else imports."""
    sys.meta_path.append(_RestOfLibrary())


def _fetch(name: str) -> None:
    from hashlib import sha256  # not before somebody needs it

    try:
        data = importlib.import_module("standard_library").fetch().to_bytes()
    except Exception as error:
        raise ImportError(
            f"{name} is in the part of the standard library that is fetched when it is needed; that failed: {error}",
            name=name,
        ) from error
    if sha256(data).hexdigest() != SHA256:
        raise ImportError(f"{name} cannot be had: the host has the standard library of another version.", name=name)
    LIBRARY.write_bytes(data)
    # Not importlib's, which imports what may be just being looked for.
    for importer in sys.path_importer_cache.values():
        if isinstance(importer, zipimporter) and importer.archive == str(LIBRARY):
            importer.invalidate_caches()
