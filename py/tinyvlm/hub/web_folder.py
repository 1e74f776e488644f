"""Models on a plain web server: a folder with a part list (parts.json), or one file of weights."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from ..errors import LoadError, ModelError, TinyVLMError
from ..folder.model_folder import (
    FILE_NAME,
    TEXT_FILES,
    LocalFolder,
    check_weight_name,
    gguf_pieces,
    is_weight_name,
)
from ..folder.part_list import PART_BYTES, PART_LIST, PART_LIST_FORMAT
from .cache import CacheEntry, Seals, tell_kept, write_atomically, write_if_possible
from .download import Downloader, Part, RemoteFile

_MAX_LIST_BYTES = 1 << 20
_MAX_TEXT_BYTES = 64 << 20
_MAX_FILES = 64
_MAX_PARTS = 4096
_FILES = "files"
_LATEST = "latest"


def open_folder_url(url: str, downloader: Downloader, *, offline: bool = False) -> LocalFolder:
    """Return the folder in the cache; what is there and verifies is not fetched again.

    A query, such as a signature, is sent with every file. Where the server cannot be asked, what is cached is taken,
    and a warning says so. Raises LoadError, or ModelError("part-list-invalid").
    """
    url = _inside(url, "")
    entry = _entry(url)
    kept = None
    try:
        kept = _open_kept_folder(url, entry)
    except TinyVLMError:
        if offline:
            raise
    if offline and kept is not None:
        return kept
    try:
        data = downloader.read(_inside(url, PART_LIST), _MAX_LIST_BYTES, patient=kept is None)
        files = parse_part_list(data, url)
        return _open_listed_folder(url, entry, files, data, downloader)
    except (LoadError, ModelError) as error:
        if kept is None:
            raise
        tell_kept(url, error)
        return kept


def _open_kept_folder(url: str, entry: CacheEntry) -> LocalFolder:
    """Open what is whole in the cache; raises LoadError("not-cached")."""
    folder = entry.folder(_FILES)
    try:
        files = parse_part_list((folder / PART_LIST).read_bytes(), url)
    except (OSError, ModelError) as error:
        raise _not_cached(url) from error
    seals = Seals(entry, _FILES)
    if not all(seals.is_sound(folder / file.name, file.size, file.digest) for file in files):
        raise _not_cached(url)
    return LocalFolder(folder, _name(url))


def _open_listed_folder(
    url: str, entry: CacheEntry, files: dict[RemoteFile, list[Part]], part_list: bytes, downloader: Downloader
) -> LocalFolder:
    folder = entry.folder(_FILES)
    seals = Seals(entry, _FILES)

    def is_here(file: RemoteFile) -> bool:
        return seals.is_sound(folder / file.name, file.size, file.digest)

    if not all(map(is_here, files)):
        with entry.lock():
            for file, parts in files.items():
                if not is_here(file):
                    downloader.fetch(file, folder, parts)
                    seals.seal(folder / file.name, file.digest)
    if _read(folder / PART_LIST) != part_list:
        write_if_possible(folder / PART_LIST, part_list)
    return LocalFolder(folder, _name(url))


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


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
            files[RemoteFile(name, _inside(url, name), size, sha256)] = _parse_parts(file.get("parts", []), size)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ModelError("part-list-invalid", url=_inside(url, PART_LIST)) from error
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
    return is_weight_name(urlsplit(url).path)


def open_file_url(url: str, downloader: Downloader, *, mmproj: str | None = None, offline: bool = False) -> LocalFolder:
    """Return a file of weights in the cache; with a GGUF file `mmproj` beside it, with safetensors the small files.

    Where the server cannot be asked, what is cached is taken, and a warning says so. Raises LoadError or InputError.
    """
    url = urlsplit(url)._replace(fragment="").geturl()
    name = check_weight_name(_name(url))
    names = gguf_pieces(name) + ([check_weight_name(mmproj)] if mmproj else [])
    entry = _entry(f"{url}#{mmproj or ''}")
    version = entry.version(_LATEST)
    kept = None
    if version and all(Seals(entry, version).is_sound(entry.folder(version) / name, None, None) for name in names):
        kept = _open_file(entry.folder(version), name, mmproj)
    if offline:
        if kept is None:
            raise _not_cached(url)
        return kept
    try:
        version = _bring_files(url, entry, names, downloader, patient=kept is None)
    except LoadError as error:
        if kept is None:
            raise
        tell_kept(url, error)
        return kept
    return _open_file(entry.folder(version), name, mmproj)


def _open_file(folder: Path, name: str, mmproj: str | None) -> LocalFolder:
    return LocalFolder(folder, PurePosixPath(name).stem, file=name, mmproj=mmproj)


def _bring_files(url: str, entry: CacheEntry, names: list[str], downloader: Downloader, *, patient: bool) -> str:
    """Ask for the files' first bytes, and fetch what has changed; return the version that this is."""
    urls = [url if name == _name(url) else _beside(url, name) for name in names]
    files = [downloader.describe(name, at, patient=patient) for name, at in zip(names, urls, strict=True)]
    texts = {} if names[0].lower().endswith(".gguf") else _texts_beside(url, downloader)
    version = hashlib.sha256(repr((files, texts)).encode()).hexdigest()[:40]
    folder = entry.folder(version)
    seals = Seals(entry, version)

    def is_here(file: RemoteFile) -> bool:
        return seals.is_sound(folder / file.name, file.size, file.digest)

    if not all(map(is_here, files)) or any(_read(folder / text) != data for text, data in texts.items()):
        with entry.lock():
            for text, data in texts.items():
                write_atomically(folder / text, data)
            for file in files:
                if not is_here(file):
                    downloader.fetch(file, folder)
                    seals.seal(folder / file.name, file.digest)
    entry.remember(_LATEST, version)
    return version


def _texts_beside(url: str, downloader: Downloader) -> dict[str, bytes]:
    texts = {}
    for name in TEXT_FILES:
        try:
            texts[name] = downloader.read(_beside(url, name), _MAX_TEXT_BYTES)
        except LoadError as error:
            if error.details.get("status") not in (403, 404):  # S3 calls what is missing forbidden
                raise
    return texts


def _inside(folder: str, name: str) -> str:
    """Return the URL of a file in a folder, with the folder's query: that may be what lets one read there."""
    parts = urlsplit(folder)
    return parts._replace(path=f"{parts.path.rstrip('/')}/{quote(name)}", fragment="").geturl()


def _beside(url: str, name: str) -> str:
    """Return the URL of a file in the folder of another one, with its query."""
    parts = urlsplit(url)
    return _inside(parts._replace(path=parts.path.rpartition("/")[0]).geturl(), name)


def _entry(url: str) -> CacheEntry:
    return CacheEntry("url", f"{_name(url)[:60]}-{hashlib.sha256(url.encode()).hexdigest()[:16]}")


def _name(url: str) -> str:
    parts = urlsplit(url)
    return unquote(parts.path).rstrip("/").rsplit("/", 1)[-1] or parts.netloc


def _not_cached(url: str) -> LoadError:
    return LoadError("not-cached", model=url)
