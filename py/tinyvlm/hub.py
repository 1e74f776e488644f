"""Where models come from: the bundled one, a folder, or a URL that is downloaded once and verified."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import re
import urllib.error
import urllib.request
from importlib import resources
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from .errors import LoadError, ModelError
from .weights.source import WeightSource

DEFAULT_MODEL = "tinyvlm-13m"
WEIGHTS = "model.safetensors"
_CHUNK, _TIMEOUT_S = 1 << 20, 30


class ModelFolder(Protocol):
    """A model's files, wherever they lie."""

    @property
    def name(self) -> str:
        """A short name for people."""

    def has(self, file: str) -> bool:
        """Whether there is such a file."""

    def read_text(self, file: str) -> str:
        """Return a small file; raises LoadError("model-incomplete") where it is missing."""

    def weights(self) -> WeightSource:
        """Open the weights."""


class LocalFolder:
    """A model folder on disk."""

    def __init__(self, path: Path, name: str | None = None) -> None:
        """Describe the folder at `path`."""
        self.path, self.name = path, name or path.resolve().name

    def has(self, file: str) -> bool:
        """See ModelFolder."""
        return (self.path / file).is_file()

    def read_text(self, file: str) -> str:
        """See ModelFolder."""
        try:
            return (self.path / file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise LoadError("model-incomplete", f"The model folder {self.path} has no readable {file}.") from error

    def weights(self) -> WeightSource:
        """See ModelFolder."""
        from .weights.safetensors import open_safetensors

        if not self.has(WEIGHTS):
            raise LoadError("model-incomplete", f"The model folder {self.path} has no {WEIGHTS}.")
        return open_safetensors(self.path / WEIGHTS)


def open_model(source: str | os.PathLike[str] = DEFAULT_MODEL) -> ModelFolder:
    """Return the model folder at a path or URL, or the bundled model of that name.

    Raises LoadError: "model-not-found", "model-incomplete", "download-failed" or "checksum-mismatch".
    """
    text = os.fspath(source)
    if re.match(r"https?://", text, re.IGNORECASE):
        try:
            urlsplit(text)
        except ValueError as error:
            raise LoadError("download-failed", f"{text} is not a valid URL: {error}.", url=text) from error
        return LocalFolder(_download(text if text.endswith("/") else f"{text}/"), _url_name(text))
    try:
        path = Path(text).expanduser()
        is_folder = path.is_dir()
    except (OSError, RuntimeError):  # a name too long for the system, a home folder that nobody has
        is_folder = False
    if is_folder:
        if not (path / "config.json").is_file():
            raise LoadError("model-incomplete", f"{text} is a folder without a config.json, so not a model.")
        return LocalFolder(path)
    for folder in _bundled(text):
        if (folder / "config.json").is_file():
            return LocalFolder(folder, text)
    sentence = f"There is no model {text!r}: give a folder, a URL, or the name of the bundled model, {DEFAULT_MODEL}."
    raise LoadError("model-not-found", sentence, source=text)


def _bundled(name: str) -> list[Path]:
    """Where a bundled model may lie: in the installed package, or in the checkout that it runs from."""
    if not re.fullmatch(r"[\w.-]{1,100}", name):
        return []
    package = Path(str(resources.files("tinyvlm")))
    return [package / "bundled" / name, package.parents[1] / "web" / "models" / name]


def _url_name(url: str) -> str:
    return urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1] or url


def _download(url: str) -> Path:
    """Bring every file of the folder's parts.json into the cache; what is there and verifies is not fetched again."""
    cache = Path(os.environ.get("TINYVLM_CACHE") or Path.home() / ".cache" / "tinyvlm")
    folder = cache / f"{_url_name(url)}-{hashlib.sha256(url.encode()).hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LoadError("download-failed", f"The cache folder {folder} cannot be made: {error}.") from error
    with _open(urljoin(url, "parts.json")) as response:
        try:
            data = response.read(_CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise LoadError("download-failed", f"Downloading the part list of {url} broke off.", url=url) from error
    files = _files(data, url)
    for file in files:
        target = folder / file["name"]
        if not (target.is_file() and _sha256(target) == file["sha256"]):
            _fetch(urljoin(url, file["name"]), target, file["size"], file["sha256"])
    return folder


def _files(data: bytes, url: str) -> list[dict[str, Any]]:
    try:
        files: list[dict[str, Any]] = json.loads(data)["files"]
        for file in files:
            if not re.fullmatch(r"\w[\w.-]*", file["name"]) or not re.fullmatch("[0-9a-f]{64}", file["sha256"]):
                raise ValueError(file)
            if type(file["size"]) is not int or file["size"] < 0:
                raise ValueError(file)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelError("model-incomplete", f"The part list of {url} is not valid.") from error
    return files


def _fetch(url: str, target: Path, size: int, sha256: str) -> None:
    """Download to `target`.part, going on where an earlier try ended, then check and rename."""
    part = target.with_name(target.name + ".part")
    start = part.stat().st_size if part.is_file() else 0
    if start >= size:
        part.unlink(missing_ok=True)
        start = 0
    try:
        response = _open(url, start)
    except LoadError as error:
        if not start or error.details.get("status") != 416:
            raise
        part.unlink(missing_ok=True)  # the server has no such range: what is here would be refused for ever
        start, response = 0, _open(url)
    with response:
        resumed = response.status == 206
        try:
            with open(part, "ab" if resumed else "wb") as file:
                written = start if resumed else 0
                while written <= size and (chunk := response.read(_CHUNK)):
                    file.write(chunk)
                    written += len(chunk)
        except (OSError, http.client.HTTPException) as error:
            sentence = f"Downloading {url} broke off: {error}. Try again to go on from there."
            raise LoadError("download-failed", sentence, url=url) from error
    if written < size:
        sentence = f"Downloading {url} ended after {written} of {size} bytes. Try again to go on from there."
        raise LoadError("download-failed", sentence, url=url)
    if written > size or _sha256(part) != sha256:
        part.unlink()
        sentence = f"{url} is not what its part list promises: it is damaged or has changed. Try again later."
        raise LoadError("checksum-mismatch", sentence, url=url)
    try:
        part.replace(target)
    except OSError as error:
        raise LoadError("download-failed", f"{target} cannot be written: {error}.", url=url) from error


def _open(url: str, start: int = 0) -> Any:
    headers = {"Range": f"bytes={start}-"} if start else {}
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        sentence = f"{url} could not be downloaded: the server answered {error.code}."
        raise LoadError("download-failed", sentence, url=url, status=error.code) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise LoadError("download-failed", f"{url} could not be downloaded: {reason}.", url=url) from error


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
