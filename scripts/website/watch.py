"""Keeps what a server serves in step with a checkout that is being edited: new files, a wheel built again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from support.environment import ROOT, ScriptError, note

from .site_files import SiteFiles
from .site_server import SiteServer

WATCHED = ("web", "py/tinyvlm", "pyproject.toml")
INTERVAL_S = 0.5

Seen = Mapping[Path, tuple[int, int]]
"""Every watched file -> the time of its last change in ns, and its size."""


def look(root: Path = ROOT) -> Seen:
    """Return what there is; a file that goes while it is looked at counts as gone."""
    seen: dict[Path, tuple[int, int]] = {}
    for name in WATCHED:
        watched = root / name
        for path in [watched] if watched.is_file() else sorted(watched.rglob("*")):
            if "__pycache__" in path.parts or not path.is_file():
                continue
            try:
                status = path.stat()
            except OSError:
                continue
            seen[path] = (status.st_mtime_ns, status.st_size)
    return seen


class Watcher:
    """Lists the site anew whenever a watched file has come, gone or changed."""

    def __init__(self, server: SiteServer, prepare: Callable[[], SiteFiles], root: Path = ROOT) -> None:
        """`prepare` builds and lists the site, as the server has it now."""
        self._server = server
        self._prepare = prepare
        self._root = root
        self._seen = look(root)

    def start(self) -> None:
        """Look twice a second, in a thread that ends with the process."""
        threading.Thread(target=self._watch, daemon=True, name="watch").start()

    def check(self) -> bool:
        """Look once; return whether something was different. A site that cannot be built stays as it was."""
        seen = look(self._root)
        if seen == self._seen:
            return False
        changed = sorted(path for path in {*seen, *self._seen} if seen.get(path) != self._seen.get(path))
        self._seen = seen
        try:
            self._server.files = self._prepare()
        except ScriptError as error:
            note(str(error))
            return True
        names = ", ".join(path.relative_to(self._root).as_posix() for path in changed[:3])
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        note(f"Changed: {names}{more}. Reload the page.")
        return True

    def _watch(self) -> None:
        never = threading.Event()
        while not never.wait(INTERVAL_S):
            self.check()
