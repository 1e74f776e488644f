"""What of the site's own JavaScript and CSS a page needs until it answers: read from the files, not from a browser."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from .site_files import SiteFiles, read

PAGE = "index.html"
_LINKED = re.compile(r'<link rel="(?:stylesheet|modulepreload)" href="([^"]+)"(?! disabled)|<script[^>]* src="([^"]+)"')
_IMPORTED = re.compile(r'(?:\bfrom|\bimport)\s*"(\.[^"]+)"')
_WORKER = re.compile(r'new Worker\(\s*new URL\("(\.[^"]+)",\s*import\.meta\.url\)')
_IN_NEED_ALONE = ("engine/shared/sentinel.js", "engine/download/any_model_worker.js")
"""Workers for browsers that lack something, which none that the page answers in knows; and for other models than the
site's own, which no first visit asks for."""


def first_visit(files: SiteFiles, language: str = "en") -> dict[str, int]:
    """Return the scripts and styles that come until an example is asked about, and their sizes in bytes.

    Neither Pyodide is among them, nor sw.js, which comes once all is there.
    """
    waiting = [*_linked(_text(files, PAGE)), f"i18n/{language}.js"]
    found: dict[str, int] = {}
    while waiting:
        name = waiting.pop()
        if name in found or name in _IN_NEED_ALONE:
            continue
        text = _text(files, name)
        found[name] = len(text.encode())
        if name.endswith(".js"):
            beside = [*_IMPORTED.findall(_without_comments(text)), *_WORKER.findall(text)]
            waiting += [posixpath.normpath(posixpath.join(posixpath.dirname(name), target)) for target in beside]
    return dict(sorted(found.items()))


def _linked(page: str) -> Iterator[str]:
    for link, script in _LINKED.findall(page):
        yield link or script


def _text(files: SiteFiles, name: str) -> str:
    return read(files[name]).decode()


def _without_comments(text: str) -> str:
    """Types are imported in comments."""
    return re.sub(r"/\*.*?\*/", "", text, flags=re.S)
