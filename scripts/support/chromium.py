"""Finds the Chromium that browser tests drive, or installs one."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from .debian import install, is_debian_root
from .environment import ScriptError, note

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MACOS = ("Google Chrome", "Chromium")
_FLAGS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def find_chromium() -> str | None:
    """Return the path of a Chromium: TINYVLM_CHROMIUM, on PATH, a macOS application, or Playwright's own."""
    chosen = os.environ.get("TINYVLM_CHROMIUM")
    if chosen:
        return chosen
    for name in _NAMES:
        if path := shutil.which(name):
            return path
    for name in _MACOS:
        application = Path(f"/Applications/{name}.app/Contents/MacOS/{name}")
        if application.exists():
            return str(application)
    return _playwrights_own()


def chromium_flags() -> list[str]:
    """Flags that keep it quiet; root cannot have Chromium's sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*_FLAGS, *(["--no-sandbox"] if root else [])]


def ensure_chromium(python: Path) -> str:
    """Return a Chromium's path, after installing one if need be; `python` has Playwright. Raises ScriptError."""
    found = find_chromium() or _playwrights_own(python)
    if found:
        return found
    note("Installing Chromium ...")
    if is_debian_root():
        install("chromium")
    else:
        subprocess.run([str(python), "-m", "playwright", "install", "chromium"], stdout=sys.stderr)
    found = find_chromium() or _playwrights_own(python)
    if found:
        return found
    raise ScriptError("The browser tests need Chromium, and it could not be installed: install chromium or Chrome.")


@contextlib.contextmanager
def open_chromium(python: Path) -> Iterator[Browser]:
    """A quiet Chromium until the end of the block, installed if need be. Here has to be Playwright, and in `python`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=ensure_chromium(python), args=chromium_flags())
        yield chromium
        chromium.close()


def _playwrights_own(python: Path | None = None) -> str | None:
    """Return where Playwright put its download, if it did."""
    code = (
        "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path, end='')"
    )
    done = subprocess.run([str(python or sys.executable), "-c", code], capture_output=True, text=True)
    path = done.stdout.strip()
    return path if path and Path(path).exists() else None
