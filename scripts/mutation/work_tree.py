"""A copy of the checkout in which a fault is put, so that nobody ever edits or commits one."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.environment import ROOT

from .mutant import Mutant, apply

LINKED = ("build/pyodide", "build/javascript", "build/emscripten", ".venv")
"""What is fetched, and too large to copy."""
COPIED = ("build/wheel",)
"""What a test may write again."""
BUILT = "py/tinyvlm/wasm/*.wasm"
"""What is built of a fault in C."""


class WorkTree:
    """What git would commit, and what was fetched."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        """Copy `root` to `folder`, over what is there."""
        self.folder, self._root = folder, root
        self._time = int(time.time())
        shutil.rmtree(folder, ignore_errors=True)
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        for name in subprocess.run(listed, cwd=root, check=True, stdout=subprocess.PIPE, text=True).stdout.split("\0"):
            if name and (root / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(root / name, folder / name)
        for name in LINKED:
            if (root / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).symlink_to((root / name).resolve())
        for name in COPIED:
            if (root / name).exists():
                shutil.copytree(root / name, folder / name)

    @contextmanager
    def holding(self, mutant: Mutant) -> Iterator[None]:
        """Put a fault in, and take it out; raises ValueError when the file has changed since it was listed."""
        path = self.folder / mutant.file
        sound = {path: path.read_bytes() for path in (path, *self.folder.glob(BUILT))}
        self._write(path, apply(mutant, sound[path]))
        try:
            yield
        finally:
            for changed, content in sound.items():
                if changed.read_bytes() != content:
                    self._write(changed, content)

    def _write(self, path: Path, data: bytes) -> None:
        """Give each version a time of its own: Python and make take a file of the same second for the same."""
        path.write_bytes(data)
        self._time += 2
        os.utime(path, (self._time, self._time))
