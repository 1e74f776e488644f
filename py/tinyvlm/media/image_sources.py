"""What people hand over as an image: paths, data URLs, open files, bytes, and arrays of whatever package.

Arrays are taken by numpy's protocols (`__array_interface__`, `__array__`, `__dlpack__`), so that no other package has
to be imported. Nothing is fetched: an address that somebody typed would be asked for from this machine.
"""

from __future__ import annotations

import os
import re
from io import TextIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_FILE_BYTES = 64 << 20
"""Larger files are refused unread; web/engine/shared/image_header.js has the same limit."""

_CHANNELS = (1, 3, 4)
_PROTOCOLS = ("__array_interface__", "__array__", "__dlpack__")
_SHOWN = 200
"""Characters of a path that an error tells: some pass a whole file as text."""


def read_source(source: Any) -> bytes | None:
    """Return the file that a path, a data URL, a file object or a bytes-like stands for; None for all else.

    Raises InputError with an "image-..." code.
    """
    if isinstance(source, (str, os.PathLike)):
        return _read_named(os.fspath(source))
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if callable(getattr(source, "read", None)):
        return _read_stream(source)
    return None


def file_too_large(size: int) -> InputError:
    """Return the error for a file of `size` bytes."""
    return InputError("image-file-too-large", megabytes=-(-size >> 20), limit=MAX_FILE_BYTES >> 20)


# ---- names -------------------------------------------------------------------------------------------------------


def _read_named(name: str | bytes) -> bytes:
    text = os.fsdecode(name)
    if re.match("data:", text, re.I):
        return _read_data_url(text)
    if re.match("https?:/", text, re.I):
        raise InputError("image-address")
    if re.match("file:/", text, re.I):
        from urllib.parse import urlsplit
        from urllib.request import url2pathname

        text = url2pathname(urlsplit(text).path)
    return _read_path(Path(text))


def _read_path(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_FILE_BYTES:
            raise file_too_large(size)
        with path.open("rb") as file:
            return _all_of(file)  # devices, pipes and files that still grow have more than they say
    except FileNotFoundError as error:
        raise InputError("image-not-found", path=_shown(path)) from error
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error


def _read_data_url(url: str) -> bytes:
    """Decode data:[type][;base64],data (RFC 2397), as browsers do: with spaces in it, and without padding."""
    from base64 import b64decode
    from urllib.parse import unquote_to_bytes

    head, comma, text = url.partition(",")
    if len(text) > 3 * MAX_FILE_BYTES:  # as many as its bytes take where each is written as %41
        raise file_too_large(len(text) // 3)
    data = unquote_to_bytes(text)
    if re.search(r";\s*base64\s*$", head, re.I):
        data = b"".join(data.split()).rstrip(b"=")
        try:
            data = b64decode(data + b"=" * (-len(data) % 4), validate=True)
        except ValueError as error:
            raise InputError("image-data-url") from error
    if not comma or not data:
        raise InputError("image-data-url")
    return data


# ---- open files --------------------------------------------------------------------------------------------------


def _read_stream(file: Any) -> bytes:
    """Read a file object from its beginning, as Pillow does; where it cannot go back, from where it is."""
    name = getattr(file, "name", type(file).__name__)
    if isinstance(file, TextIOBase):
        raise InputError("image-file-not-bytes")
    try:
        if callable(getattr(file, "seekable", None)) and file.seekable():
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
            if isinstance(size, int) and size > MAX_FILE_BYTES:
                raise file_too_large(size)
        return _all_of(file)
    except (OSError, ValueError) as error:
        raise _unreadable(name, error) from error


def _all_of(file: Any) -> bytes:
    data = bytearray()
    while piece := file.read(MAX_FILE_BYTES + 1 - len(data)):
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            raise InputError("image-file-not-bytes")
        data += piece
        if len(data) > MAX_FILE_BYTES:
            raise file_too_large(len(data))
    return bytes(data)


def _unreadable(path: object, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error)
    return InputError("image-file-unreadable", path=_shown(path), reason=reason)


def _shown(path: object) -> str:
    text = str(path)
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


# ---- arrays ------------------------------------------------------------------------------------------------------


def is_array(source: Any) -> bool:
    """Whether numpy can read it."""
    return any(hasattr(source, protocol) for protocol in _PROTOCOLS)


def read_array(source: Any) -> NDArray[Any]:
    """Return an image array as uint8 (H, W), (H, W, 3) or (H, W, 4).

    It may be uint8, bool, or floats from 0 to 1. Its 1, 3 or 4 channels may come first: they do where the last axis is
    longer than 4. A first and a last axis of the same such length could be either, and are refused. Raises InputError
    with an "image-..." code.
    """
    import numpy as np

    from .image_header import check_size

    array = _as_numpy(source)
    if array.ndim == 3:
        array = _channels_last(array)
    if array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,), (4,)) or array.size == 0:
        raise _bad_array(array)
    check_size(array.shape[0] * array.shape[1])  # before any copy: a view may claim far more than it holds
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype.kind == "f":
        return _from_floats(array)
    if array.dtype != np.uint8:
        raise _bad_array(array)
    return array


def _as_numpy(source: Any) -> NDArray[Any]:
    import numpy as np

    try:
        if hasattr(source, "__array_interface__") or hasattr(source, "__array__"):
            return np.asarray(source)
        return np.from_dlpack(source)
    except Exception as error:  # packages raise what they like: on another device, wanted for gradients
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        raise InputError("image-array-unreadable", reason=reason) from error


def _channels_last(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    first, _, last = array.shape
    if first == last and last in _CHANNELS:
        raise InputError("image-array-ambiguous", shape=str(array.shape))
    if last > max(_CHANNELS) and first in _CHANNELS:
        array = np.moveaxis(array, 0, 2)
    return array[:, :, 0] if array.shape[2] == 1 else array


def _from_floats(array: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    scaled = np.multiply(array, 255, dtype=np.float32)
    if not -0.5 < scaled.min() <= scaled.max() < 255.5:  # resampling may leave the range by less than half a step
        raise InputError("image-array-range", least=f"{float(array.min()):g}", most=f"{float(array.max()):g}")
    pixels: NDArray[Any] = np.rint(scaled).astype(np.uint8)
    return pixels


def _bad_array(array: NDArray[Any]) -> InputError:
    return InputError("image-bad-array", dtype=str(array.dtype), shape=str(array.shape))
