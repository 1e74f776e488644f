"""Models on the Hugging Face hub: what names them, which of their files are needed, and where these are kept.

One request tells a revision's commit and its files with sizes and hashes; all else is asked for by commit, which never
changes. API: https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ..errors import InputError, LoadError
from ..folder.model_folder import FILE_NAME, INDEX, TEXT_FILES, LocalFolder, check_weight_name, choose_weights
from .cache import CacheEntry, write_atomically
from .download import Downloader, RemoteFile, matches
from .transport import TransientError, check_url, origin

HUB = "https://huggingface.co"
_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")
_REVISION = re.compile(r"\w[\w.+-]{0,100}(/[\w.+-]{1,100}){0,5}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAX_LISTING_BYTES = 16 << 20
_MAX_TEXT_BYTES = 64 << 20


@dataclass(frozen=True)
class RepositoryRef:
    """What a user named: a repository at a revision, and maybe one weight file of it."""

    name: str
    """OWNER/NAME"""
    revision: str = "main"
    file: str | None = None


def parse_name(text: str, revision: str = "main") -> RepositoryRef | None:
    """Read `owner/name`, `owner/name@revision` or either with `/file.gguf` behind it; None if it is no such thing.

    Raises InputError where revision or file cannot be.
    """
    match = re.fullmatch(rf"({_NAME.pattern})(?:@([^@]+?))?(?:/([^/@]+\.(?:[gG][gG][uU][fF]|safetensors)))?", text)
    return _ref(match[1], match[2] or revision, match[3]) if match else None


def parse_url(url: str, endpoint: str, revision: str = "main") -> RepositoryRef | None:
    """Read a URL of the hub: /owner/name, /owner/name/tree/revision, .../blob/revision/file; None for other hosts.

    Raises InputError where the URL is the hub's, but not a model's.
    """
    parts = urlsplit(url)
    if origin(url) != origin(endpoint) and parts.netloc.lower() not in _HUB_HOSTS:
        return None
    path = unquote(parts.path).strip("/")
    match = re.fullmatch(r"([^/]+/[^/]+)(?:/(tree|blob|resolve|raw)/(.+))?", path)
    if not match or not _NAME.fullmatch(match[1]):
        if origin(url) == origin(endpoint) and parts.netloc.lower() not in _HUB_HOSTS:
            return None  # a hub of one's own may hold other things too
        raise InputError("address-not-a-model", url=url, hub=endpoint)
    if match[2] in (None, "tree"):
        return _ref(match[1], match[3] or revision, None)
    in_url, _, file = match[3].rpartition("/")
    return _ref(match[1], in_url or revision, file)


def _ref(name: str, revision: str, file: str | None) -> RepositoryRef:
    if not _REVISION.fullmatch(revision):
        raise InputError("revision-invalid", revision=repr(revision))
    return RepositoryRef(name, revision, check_weight_name(file) if file is not None else None)


def open_repository(
    ref: RepositoryRef, downloader: Downloader, endpoint: str, *, mmproj: str | None = None, offline: bool = False
) -> LocalFolder:
    """Return the model's files in the cache, after fetching those that are missing there.

    Without a network, and with `offline`, the revision is what it was when it was last asked for. Raises LoadError,
    InputError or ModelError.
    """
    check_url(endpoint)
    entry = CacheEntry(urlsplit(endpoint).netloc, ref.name.replace("/", "--"))
    commit, files = _list_files(ref, entry, downloader, endpoint, offline)
    snapshot = _Snapshot(ref, entry, entry.folder(commit), files, downloader, offline)
    snapshot.bring([file for file in TEXT_FILES if file in files and (file != INDEX or ref.file is None)])
    chosen = choose_weights(files, LocalFolder(snapshot.folder).read_text, ref.file, mmproj)
    if chosen[0].endswith(".safetensors") and "config.json" not in files:
        raise LoadError("model-incomplete", model=ref.name, file="config.json")
    snapshot.bring(chosen)
    is_chosen = ref.file is not None or chosen[0].lower().endswith(".gguf")
    return LocalFolder(snapshot.folder, ref.name, file=chosen[0] if is_chosen else None, mmproj=mmproj)


@dataclass(frozen=True)
class _Snapshot:
    """One commit's files, in the cache or yet to come."""

    ref: RepositoryRef
    entry: CacheEntry
    folder: Path
    files: Mapping[str, RemoteFile]
    downloader: Downloader
    offline: bool

    def bring(self, names: Sequence[str]) -> None:
        """Make files be there. A file is verified before it gets its name, so its size is all that is looked at."""
        for name in names:
            if name not in self.files:
                raise LoadError("model-incomplete", model=self.ref.name, file=name)
        if all(self._is_here(name) for name in names):
            return
        if self.offline:
            raise _not_cached(self.ref)
        with self.entry.lock():
            for name in names:
                if not self._is_here(name):
                    self._fetch(self.files[name])

    def _fetch(self, file: RemoteFile) -> None:
        if file.size is None or file.digest is None:
            file = self.downloader.describe(file.name, file.url)
        if file.name in TEXT_FILES and (file.size or 0) > _MAX_TEXT_BYTES:
            raise LoadError("file-too-large", file=file.url, limit=_MAX_TEXT_BYTES)
        self.downloader.fetch(file, self.folder)

    def _is_here(self, name: str) -> bool:
        return matches(self.folder / name, self.files[name].size, None)


def _list_files(
    ref: RepositoryRef, entry: CacheEntry, downloader: Downloader, endpoint: str, offline: bool
) -> tuple[str, dict[str, RemoteFile]]:
    """Return commit and files of a revision: from the cache if it is a commit, from the hub otherwise."""
    known = ref.revision if _COMMIT.fullmatch(ref.revision) else entry.version(ref.revision) or ""
    cached = _read_list(entry.folder(known)) if _COMMIT.fullmatch(known) else None
    if cached and (offline or known == ref.revision):
        return known, cached
    if offline:
        raise _not_cached(ref)
    try:
        data = downloader.read(
            f"{endpoint}/api/models/{ref.name}/revision/{quote(ref.revision, safe='')}?blobs=true", _MAX_LISTING_BYTES
        )
    except TransientError as error:
        if error.code == "no-network" and cached:
            return known, cached
        raise
    commit, files = _parse_list(data, ref, endpoint)
    write_atomically(_list_path(entry.folder(commit)), json.dumps([asdict(file) for file in files.values()]).encode())
    entry.remember(ref.revision, commit)
    return commit, files


def _parse_list(data: bytes, ref: RepositoryRef, endpoint: str) -> tuple[str, dict[str, RemoteFile]]:
    """Read the hub's reply. Only files at the top are of use, and only sound facts about them are kept."""
    try:
        reply = json.loads(data)
        commit = reply["sha"]
        files = {}
        if not _COMMIT.fullmatch(commit):
            raise ValueError(commit)
        for sibling in reply["siblings"]:
            name = sibling["rfilename"]
            if FILE_NAME.fullmatch(name):
                url = f"{endpoint}/{ref.name}/resolve/{commit}/{quote(name)}"
                files[name] = RemoteFile(name, url, *_facts(sibling))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LoadError("hub-answer-invalid", hub=endpoint, repository=ref.name) from error
    return commit, files


def _facts(sibling: Mapping[str, object]) -> tuple[int | None, str | None]:
    """Return size and digest, where the list tells them."""
    size = sibling.get("size")
    lfs = sibling.get("lfs")
    digest = lfs.get("sha256") if isinstance(lfs, dict) else sibling.get("blobId")
    is_digest = isinstance(digest, str) and re.fullmatch("[0-9a-f]{64}" if lfs else "[0-9a-f]{40}", digest)
    return size if type(size) is int and size >= 0 else None, str(digest) if is_digest else None


def _list_path(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")


def _read_list(folder: Path) -> dict[str, RemoteFile] | None:
    try:
        return {entry["name"]: RemoteFile(**entry) for entry in json.loads(_list_path(folder).read_bytes())}
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _not_cached(ref: RepositoryRef) -> LoadError:
    return LoadError("not-cached", model=f"{ref.name}@{ref.revision}")
