"""Shows progress in a terminal: a bar by tqdm where that is installed, otherwise lines."""

from __future__ import annotations

import contextlib
import importlib
import shutil
import sys
from typing import Any, TextIO

from .progress import OnProgress, Progress

_SMALL_FILE_BYTES = 1 << 20


def show_progress(stream: TextIO | None = None) -> OnProgress:
    """Return what shows progress on `stream` (default: standard error).

    A stream that is no terminal, such as a log file, gets one line for each file that has come. What cannot be shown,
    because nobody reads on or the disk is full, is left out: it is no reason to stop.
    """
    stream = stream or sys.stderr
    if stream is None:  # closed when Python started
        return lambda _: None
    show = _shower(stream)

    def show_where_possible(progress: Progress) -> None:
        with contextlib.suppress(OSError):
            show(progress)

    return show_where_possible


def _shower(stream: TextIO) -> OnProgress:
    if not stream.isatty():
        return _Log(stream)
    try:
        return _Bars(importlib.import_module("tqdm").tqdm, stream)
    except ImportError:
        return _Lines(stream)


class _Log:
    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, progress: Progress) -> None:
        if progress.done and not _is_small(progress):
            print(_sentence(progress), file=self._stream, flush=True)


class _Lines:
    """One line for each file, written over as it grows."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._width = 0

    def __call__(self, progress: Progress) -> None:
        if _is_small(progress):
            return
        text = _sentence(progress)[: shutil.get_terminal_size().columns - 1]  # one that wraps is not written over
        end = "\n" if progress.done else ""
        print(f"\r{text:<{self._width}}", end=end, file=self._stream, flush=True)
        self._width = 0 if progress.done else len(text)


class _Bars:
    """One bar for each file, or for all tensors."""

    def __init__(self, tqdm: Any, stream: TextIO) -> None:
        self._tqdm = tqdm
        self._stream = stream
        self._bar: Any = None
        self._shown = ""

    def __call__(self, progress: Progress) -> None:
        if _is_small(progress):
            return
        is_file = progress.step == "model"
        title = progress.file if is_file else progress.step
        if self._bar is None or title != self._shown:
            self._close()
            unit: dict[str, Any] = {"unit": "B", "unit_scale": True} if is_file else {"unit": " tensors"}
            self._bar = self._tqdm(desc=title, initial=progress.kept, file=self._stream, dynamic_ncols=True, **unit)
            self._shown = title
        self._bar.total = progress.total or None
        if not is_file:
            self._bar.set_postfix_str(progress.file, refresh=False)
        self._bar.update(progress.loaded - self._bar.n)
        if progress.done:
            self._close()

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


def _is_small(progress: Progress) -> bool:
    """A model has many files that are there in a moment."""
    return progress.step == "model" and 0 < progress.total < _SMALL_FILE_BYTES


def _sentence(progress: Progress) -> str:
    if progress.step == "quantize":
        return f"{progress.loaded} of {progress.total}: {progress.file}"
    of = f" of {progress.total / 1e6:,.1f}" if progress.total else ""
    facts = [f"{progress.file}: {progress.loaded / 1e6:,.1f}{of} MB"]
    if progress.kept:
        facts.append(f"{progress.kept / 1e6:,.1f} MB were here")
    if progress.speed and not progress.done:
        facts.append(f"{progress.speed / 1e6:,.1f} MB/s")
    if progress.remaining_s is not None and not progress.done:
        facts.append(f"about {progress.remaining_s:,.0f} s left")
    return ", ".join(facts)
