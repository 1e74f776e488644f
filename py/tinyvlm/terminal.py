"""Standard input, output and error as they may be: closed, full, of few letters, a pipe that nobody reads."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from .errors import LoadError, TinyVLMWarning

_MAX_TEXT_BYTES = 16 << 20
"""No context holds as much; the question is then said to be too long."""


def write(text: str) -> None:
    """Write to standard output at once; what its encoding lacks becomes "?".

    Raises LoadError("target-not-writable"), or BrokenPipeError where nobody reads on.
    """
    if sys.stdout is None:
        raise _not_writable(OSError(errno.EBADF, os.strerror(errno.EBADF)))
    try:
        _print(text)
    except OSError as error:
        _give_up_output()
        if isinstance(error, BrokenPipeError):
            raise
        raise _not_writable(error) from error


def _print(text: str) -> None:
    try:
        print(text, end="", flush=True)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        print(text.encode(encoding, "replace").decode(encoding), end="", flush=True)


def _not_writable(error: OSError) -> LoadError:
    return LoadError("target-not-writable", path="standard output", reason=error.strerror or str(error))


def _give_up_output() -> None:
    """Let nothing more go to standard output: what lies in its buffer would fail again when Python ends."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # closed, or no file at all
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def complain(text: str) -> None:
    """Write a line to standard error, where that can be."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(f"tinyvlm: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def warnings_as_sentences() -> Iterator[None]:
    """Show our warnings as errors are shown, and each as often as it is told; those of others as Python does."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TinyVLMWarning)
        others = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
            if issubclass(category, TinyVLMWarning):
                complain(str(message))
            else:
                others(message, category, *where, **more)

        warnings.showwarning = show
        yield


def end_line() -> None:
    """Let what follows begin a line of its own, where somebody stopped an answer in a terminal."""
    if _is_terminal(sys.stderr):
        with contextlib.suppress(OSError):
            print(file=sys.stderr)


def is_interactive() -> bool:
    """Whether somebody types the input and reads the output."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stdout)


def has_input() -> bool:
    """Whether standard input is a file or a pipe."""
    return sys.stdin is not None and not _is_terminal(sys.stdin)


def read_bytes(most: int) -> bytes:
    """Return standard input, or the first `most` bytes of it; raises LoadError("file-unreadable")."""
    if sys.stdin is None:
        return b""
    try:
        return sys.stdin.buffer.read(most)
    except OSError as error:
        raise LoadError("file-unreadable", path="standard input", reason=error.strerror or str(error)) from error


def read_text() -> str:
    """Return all of standard input as text; raises LoadError("file-unreadable")."""
    return _decoded(read_bytes(_MAX_TEXT_BYTES)).strip()


def read_line(prompt: str) -> str | None:
    """Return the next line of standard input, None where that has ended."""
    if is_interactive():
        try:
            return input(prompt)
        except EOFError:
            write("\n")
            return None
        except UnicodeDecodeError as error:
            return _decoded(error.object)
    write(prompt)
    line = b"" if sys.stdin is None else sys.stdin.buffer.readline(_MAX_TEXT_BYTES)
    return _decoded(line) if line else None


def _decoded(data: bytes) -> str:
    """Read UTF-8, which pipes mostly carry whatever the terminal's encoding is; otherwise the terminal's."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode(sys.stdin.encoding or "utf-8", "replace")


def _is_terminal(stream: object) -> bool:
    try:
        return stream is not None and stream.isatty()  # type: ignore[attr-defined]
    except ValueError:  # closed
        return False
