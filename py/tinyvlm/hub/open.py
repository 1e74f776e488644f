"""Where models come from: a name, a folder, a file, a URL or a Hugging Face repository becomes a model folder."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import resources
from pathlib import Path
from urllib.parse import quote, urlsplit

from ..errors import InputError, LoadError
from ..folder.model_folder import DEFAULT_MODEL, LocalFolder, ModelFolder, is_weight_name
from ..progress import OnProgress
from .download import Downloader
from .paths import is_path, path_not_found
from .repository import RepositoryRef, open_repository, parse_name, parse_url
from .settings import hub_endpoint, hub_token, is_offline
from .transport import Connection, check_url, origin
from .web_folder import is_weight_url, open_file_url, open_folder_url

__all__ = ["DEFAULT_MODEL", "ModelFolder", "open_bundled_reader", "open_model"]

_READER = "reader"


def open_model(
    source: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    revision: str = "main",
    token: str | None = None,
    offline: bool = False,
    mmproj: str | None = None,
    progress: OnProgress | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> LocalFolder:
    """Return the model folder that `source` names; what has to be fetched is kept in TINYVLM_CACHE.

    `source` is the bundled model's name; a folder; a .gguf or .safetensors file; `owner/name`, `owner/name@revision` or
    `owner/name/file.gguf` of the Hugging Face hub (or of HF_ENDPOINT), or its address there; the URL of a folder with
    a parts.json, or of a file. `token` (default: HF_TOKEN) is sent to the hub alone. `offline` uses what is cached.
    `mmproj` names the vision tower of a GGUF model where it cannot be found by name. `progress` hears of every chunk
    (progress.py); `sleep` waits between tries.

    Raises LoadError (error_table.py lists what can go wrong on the way to a model), ModelError or InputError.
    """
    text = os.fspath(source)
    endpoint = hub_endpoint()
    token = (token or "").strip() or hub_token()

    def downloader() -> Downloader:
        return Downloader(Connection(token, origin(endpoint)), progress=progress, sleep=sleep)

    def repository(ref: RepositoryRef) -> LocalFolder:
        check_url(endpoint)
        return open_repository(ref, downloader(), endpoint, mmproj=mmproj, offline=offline or is_offline())

    if re.match(r"https?://", text, re.IGNORECASE):
        text = _as_sent(text)
        check_url(text)
        check_url(endpoint)
        if ref := parse_url(text, endpoint, revision):
            return repository(ref)
        if is_weight_url(text):
            return open_file_url(text, downloader(), mmproj=mmproj, offline=offline)
        return open_folder_url(text, downloader(), offline=offline)
    if folder := _on_disk(text, mmproj) or _bundled(text):
        return folder
    if is_path(text):
        raise path_not_found(text)
    if ref := parse_name(text, revision):
        return repository(ref)
    raise LoadError("model-not-found", source=repr(text))


def open_bundled_reader() -> LocalFolder:
    """Return the folder of the reader that is bundled; raises LoadError("reader-missing")."""
    folder = _bundled(_READER)  # not by open_model: a folder of that name here would come first
    if folder is None:
        raise LoadError("reader-missing")
    return folder


def _as_sent(url: str) -> str:
    """Return a URL as a browser would send it: spaces and letters beyond ASCII in its path and query are encoded."""
    with suppress(ValueError):
        parts = urlsplit(url.strip(" "))
        path, query = (quote(part, safe="%/:@!$&'()*+,;=~?[]") for part in (parts.path, parts.query))
        if not re.search(r"[\0-\x1f]", url):
            return parts._replace(path=path, query=query).geturl()
    return url


def _on_disk(text: str, mmproj: str | None) -> LocalFolder | None:
    """Return the folder or file at a path; raises LoadError("folder-not-a-model") or InputError if it is no model."""
    try:
        path = Path(text).expanduser()
        is_folder = path.is_dir()
        is_file = path.is_file()
        if mmproj is not None and Path(mmproj).expanduser().is_file():
            mmproj = str(Path(mmproj).expanduser().resolve())
    except PermissionError as error:
        raise LoadError("file-unreadable", path=text, reason=error.strerror) from error
    except (OSError, RuntimeError, ValueError):  # too long a name, a home folder that nobody has, a null byte
        return None
    if is_file:
        if not is_weight_name(path.name):
            raise InputError("weight-name-invalid", name=repr(path.name))
        return LocalFolder(path.parent, path.stem, file=path.name, mmproj=mmproj)
    if not is_folder:
        return None
    if not (path / "config.json").is_file() and not any(path.glob("*.[gG][gG][uU][fF]")):
        raise LoadError("folder-not-a-model", path=text)
    return LocalFolder(path, mmproj=mmproj)


def _bundled(name: str) -> LocalFolder | None:
    """Return a bundled model: in the installed package, or in the checkout that it runs from."""
    if not re.fullmatch(r"[\w.-]{1,100}", name):
        return None
    package = Path(str(resources.files("tinyvlm")))
    for folder in (package / "bundled" / name, package.parents[1] / "web" / "models" / name):
        if (folder / "config.json").is_file():
            return LocalFolder(folder, name)
    return None
