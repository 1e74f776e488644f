"""Models on a plain web server: a folder with a part list (parts.json), or one file of weights."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from ..errors import LoadError, ModelError
from ..folder.model_folder import FILE_NAME, TEXT_FILES, LocalFolder, check_weight_name, gguf_pieces
from ..folder.part_list import PART_BYTES, PART_LIST, PART_LIST_FORMAT
from .cache import CacheEntry, write_atomically
from .download import Downloader, Part, RemoteFile, matches

_MAX_LIST_BYTES = 1 << 20
_MAX_TEXT_BYTES = 64 << 20
_MAX_FILES = 64
_MAX_PARTS = 4096


def open_folder_url(url: str, downloader: Downloader, *, offline: bool = False) -> LocalFolder:
    """Return the folder in the cache; what is there and verifies is not fetched again.

    Raises LoadError, or ModelError("part-list-invalid").
    """
    url = url if url.endswith("/") else f"{url}/"
    entry = _entry(url)
    folder = entry.folder("files")
    if not offline:
        data = downloader.read(urljoin(url, PART_LIST), _MAX_LIST_BYTES)
        files = parse_part_list(data, url)
        write_atomically(folder / PART_LIST, data)
    else:
        try:
            files = parse_part_list((folder / PART_LIST).read_bytes(), url)
        except OSError as error:
            raise _not_cached(url) from error
    missing = [file for file in files if not matches(folder / file.name, file.size, file.digest)]
    if missing and offline:
        raise _not_cached(url)
    if missing:
        with entry.lock():
            for file in missing:
                if not matches(folder / file.name, file.size, file.digest):
                    downloader.fetch(file, folder, files[file])
    return LocalFolder(folder, _name(url))


def parse_part_list(data: bytes, url: str) -> dict[RemoteFile, list[Part]]:
    """Return the files, and what parts they have."""
    try:
        part_list = json.loads(data)
        listed = part_list["files"]
        names = [file["name"] for file in listed]
        if part_list["format"] != PART_LIST_FORMAT or not 0 < len(listed) <= _MAX_FILES:
            raise ValueError(part_list["format"])
        if len(set(names)) < len(names):
            raise ValueError(names)
        files = {}
        for file in listed:
            name = file["name"]
            size = file["size"]
            sha256 = file["sha256"]
            if not FILE_NAME.fullmatch(name) or not re.fullmatch("[0-9a-f]{64}", sha256):
                raise ValueError(file)
            if type(size) is not int or size < 0:
                raise ValueError(file)
            files[RemoteFile(name, urljoin(url, quote(name)), size, sha256)] = _parse_parts(file.get("parts", []), size)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError("part-list-invalid", url=urljoin(url, PART_LIST)) from error
    return files


def _parse_parts(parts: list[dict[str, Any]], size: int) -> list[Part]:
    """Read a file's parts, one after the other without a gap; raises ValueError and others."""
    if type(parts) is not list or len(parts) > _MAX_PARTS:
        raise ValueError(parts)
    for listed in parts:
        stage = listed.get("stage", 0)
        if type(stage) is not int or stage < 0:
            raise ValueError(stage)
    parsed = [Part(part["offset"], part["length"], part["sha256"]) for part in parts]
    end = 0
    for part in parsed:
        if type(part.length) is not int or not 0 < part.length <= PART_BYTES or part.offset != end:
            raise ValueError(part)
        if not re.fullmatch("[0-9a-f]{64}", part.sha256):
            raise ValueError(part)
        end += part.length
    if parsed and end != size:
        raise ValueError(size)
    return parsed


def is_weight_url(url: str) -> bool:
    """Whether a URL is that of a file of weights, by its ending."""
    return urlsplit(url).path.lower().endswith((".gguf", ".safetensors"))


def open_file_url(url: str, downloader: Downloader, *, mmproj: str | None = None, offline: bool = False) -> LocalFolder:
    """Return a file of weights in the cache; with a GGUF file `mmproj` beside it, with safetensors the small files.

    Raises LoadError or InputError.
    """
    name = check_weight_name(_name(url))
    entry = _entry(f"{url}#{mmproj or ''}")
    if offline:
        version = entry.version("latest")
        folder = entry.folder(version or "none")
        if not version or not (folder / name).is_file():
            raise _not_cached(url)
        return LocalFolder(folder, PurePosixPath(name).stem, file=name, mmproj=mmproj)
    names = gguf_pieces(name) + ([check_weight_name(mmproj)] if mmproj else [])
    files = [downloader.describe(file, urljoin(url, quote(file)) if file != name else url) for file in names]
    texts = {} if name.lower().endswith(".gguf") else _texts_beside(url, downloader)
    version = hashlib.sha256(repr((files, texts)).encode()).hexdigest()[:40]
    folder = entry.folder(version)
    with entry.lock():
        for text, data in texts.items():
            write_atomically(folder / text, data)
        for file in files:
            if not matches(folder / file.name, file.size, None):
                downloader.fetch(file, folder)
    entry.remember("latest", version)
    return LocalFolder(folder, PurePosixPath(name).stem, file=name, mmproj=mmproj)


def _texts_beside(url: str, downloader: Downloader) -> dict[str, bytes]:
    texts = {}
    for name in TEXT_FILES:
        try:
            texts[name] = downloader.read(urljoin(url, name), _MAX_TEXT_BYTES)
        except LoadError as error:
            if error.details.get("status") not in (403, 404):  # S3 calls what is missing forbidden
                raise
    return texts


def _entry(url: str) -> CacheEntry:
    return CacheEntry("url", f"{_name(url)[:60]}-{hashlib.sha256(url.encode()).hexdigest()[:16]}")


def _name(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path).rstrip("/").rsplit("/", 1)[-1] or parts.netloc


def _not_cached(url: str) -> LoadError:
    return LoadError("not-cached", model=url)
