"""The browsers that the tests visit besides Chromium: found, or installed where that is possible."""

from __future__ import annotations

from support.debian import install, is_debian_root
from support.environment import note

from .firefox import FIREFOX_PACKAGES, find_firefox
from .webkit import WEBKIT_PACKAGES, find_webkit

TESTED = {"firefox": (find_firefox, FIREFOX_PACKAGES), "webkit": (find_webkit, WEBKIT_PACKAGES)}


def missing_browsers() -> list[str]:
    """Return the names of those that are not here."""
    return [name for name, (find, _) in TESTED.items() if find() is None]


def ensure_browsers() -> list[str]:
    """Install what is missing; return the names of those that could not be had."""
    missing = missing_browsers()
    if missing and is_debian_root():
        note(f"Installing {' and '.join(missing)} ...")
        install(*(package for name in missing for package in TESTED[name][1]))
    return missing_browsers()
