"""Models on the Hugging Face hub: what names them, which of their files are needed, and where these are kept.

One request tells a revision's commit and its files with sizes and hashes; all else is asked for by commit, which never
changes. API: https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ..errors import InputError, LoadError, TinyVLMError
from ..folder.model_folder import (
    FILE_NAME,
    INDEX,
    TEXT_FILES,
    LocalFolder,
    check_weight_name,
    choose_weights,
    is_plain_name,
)
from .cache import CacheEntry, Seals, tell_kept, write_if_possible
from .download import Downloader, RemoteFile
from .settings import blob_digest, fetched_snapshot
from .transport import origin

_HUB_HOSTS = ("huggingface.co", "www.huggingface.co", "hf.co")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}")
_REVISION = re.compile(r"(?!.*\.\.)\w[\w.+-]{0,100}(/[\w.+-]{1,100}){0,5}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MAX_LISTING_BYTES = 16 << 20
_MAX_TEXT_BYTES = 64 << 20
_WRONG_WITH_THE_MODEL = ("model-incomplete", "weights-file-missing", "vision-tower-alone")
"""What the hub has now is no model; that is told even where an older version is kept."""


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
    """Return the model's files in the cache, ours or huggingface_hub's, after fetching those that are missing there.

    Where the hub cannot be asked, and with `offline`, the revision is what it was when it was last whole; a warning
    says so. Raises LoadError, InputError or ModelError.
    """
    entry = CacheEntry(urlsplit(endpoint).netloc, ref.name.replace("/", "--"))
    kept = None
    try:
        kept = _open_kept(ref, entry, mmproj)
    except TinyVLMError:
        if offline:
            raise
    if kept is not None and (offline or _COMMIT.fullmatch(ref.revision)):
        return kept
    try:
        commit, files = _list_files(ref, downloader, endpoint, patient=kept is None)
        folder = _open_listed(ref, entry, commit, files, downloader, mmproj)
    except LoadError as error:
        if kept is None or error.code in _WRONG_WITH_THE_MODEL:
            raise
        tell_kept(f"{ref.name}@{ref.revision}", error)
        return kept
    entry.remember(ref.revision, commit)
    return folder


def _open_kept(ref: RepositoryRef, entry: CacheEntry, mmproj: str | None) -> LocalFolder:
    """Open what is whole on this machine; raises LoadError("not-cached"), or what is wrong with it."""
    commit = ref.revision if _COMMIT.fullmatch(ref.revision) else entry.version(ref.revision) or ""
    files = _read_list(entry, commit) if _COMMIT.fullmatch(commit) else None
    fetched = fetched_snapshot(ref.name, ref.revision)
    if files:
        try:
            return _Snapshot(ref, entry.folder(commit), files, Seals(entry, commit)).open(mmproj)
        except LoadError as error:
            if fetched is None or error.code != "not-cached":
                raise
    if fetched is None:
        raise _not_cached(ref)
    found = {path.name: RemoteFile(path.name, "", None, blob_digest(path)) for path in fetched.iterdir()}
    try:
        return _Snapshot(ref, fetched, found, Seals(entry, fetched.name)).open(mmproj)
    except LoadError as error:
        raise _not_cached(ref) from error


def _open_listed(
    ref: RepositoryRef,
    entry: CacheEntry,
    commit: str,
    files: dict[str, RemoteFile],
    downloader: Downloader,
    mmproj: str | None,
) -> LocalFolder:
    """Open what the hub has listed, and fetch what is missing."""
    seals = Seals(entry, commit)
    fetched = fetched_snapshot(ref.name, commit)
    if fetched is not None:
        with suppress(LoadError):
            return _Snapshot(ref, fetched, files, seals).open(mmproj)
    listed = json.dumps([asdict(file) for file in files.values()])
    write_if_possible(_list_path(entry, commit), listed.encode())
    return _Fetched(ref, entry.folder(commit), files, seals, entry, downloader, fetched).open(mmproj)


@dataclass(frozen=True)
class _Snapshot:
    """One commit's files, as they lie in a folder."""

    ref: RepositoryRef
    folder: Path
    files: Mapping[str, RemoteFile]
    seals: Seals

    def open(self, mmproj: str | None) -> LocalFolder:
        """Return the model once all of it is there; raises LoadError, InputError or ModelError."""
        ref = self.ref
        self.bring([file for file in TEXT_FILES if file in self.files and (file != INDEX or ref.file is None)])
        named = (ref.file, mmproj)
        names = [name for name in self.files if FILE_NAME.fullmatch(name) or name in named]
        chosen = choose_weights(names, LocalFolder(self.folder).read_text, ref.file, mmproj)
        if chosen[0].endswith(".safetensors") and "config.json" not in self.files:
            raise LoadError("model-incomplete", model=ref.name, file="config.json")
        self.bring(chosen)
        is_chosen = ref.file is not None or chosen[0].lower().endswith(".gguf")
        return LocalFolder(self.folder, ref.name, file=chosen[0] if is_chosen else None, mmproj=mmproj)

    def bring(self, names: Sequence[str]) -> None:
        """Make files be there."""
        for name in names:
            if name not in self.files:
                raise LoadError("model-incomplete", model=self.ref.name, file=name)
        if not all(self.is_here(name) for name in names):
            self.fetch(names)

    def fetch(self, names: Sequence[str]) -> None:
        """Fetch what is missing or damaged: nothing here."""
        raise _not_cached(self.ref)

    def is_here(self, name: str, folder: Path | None = None) -> bool:
        """Whether a file lies there whole."""
        return self.seals.is_sound((folder or self.folder) / name, self.files[name].size, self.files[name].digest)


@dataclass(frozen=True)
class _Fetched(_Snapshot):
    """One commit's files, in our cache or yet to come."""

    entry: CacheEntry
    downloader: Downloader
    spare: Path | None
    """Where huggingface_hub may have some of them."""

    def fetch(self, names: Sequence[str]) -> None:
        """Fetch what is missing or damaged."""
        with self.entry.lock():
            for name in names:
                if not self.is_here(name) and not self._adopt(name):
                    self._download(self.files[name])

    def _adopt(self, name: str) -> bool:
        """Use a file that huggingface_hub has fetched."""
        if self.spare is None or not self.is_here(name, self.spare):
            return False
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / name).symlink_to((self.spare / name).resolve())
        except OSError:  # Windows allows links to some only
            return False
        return True

    def _download(self, file: RemoteFile) -> None:
        if file.size is None or file.digest is None:
            file = self.downloader.describe(file.name, file.url)
        if file.name in TEXT_FILES and (file.size or 0) > _MAX_TEXT_BYTES:
            raise LoadError("file-too-large", file=file.url, limit=_MAX_TEXT_BYTES)
        self.downloader.fetch(file, self.folder)
        self.seals.seal(self.folder / file.name, file.digest)


def _list_files(
    ref: RepositoryRef, downloader: Downloader, endpoint: str, *, patient: bool
) -> tuple[str, dict[str, RemoteFile]]:
    """Ask the hub for a revision's commit and files."""
    url = f"{endpoint}/api/models/{ref.name}/revision/{quote(ref.revision, safe='')}?blobs=true"
    return _parse_list(downloader.read(url, _MAX_LISTING_BYTES, patient=patient), ref, endpoint)


def _parse_list(data: bytes, ref: RepositoryRef, endpoint: str) -> tuple[str, dict[str, RemoteFile]]:
    """Read the hub's reply. Only files at the top are of use, and only sound facts about them are kept.

    Files whose names are not as FILE_NAME has them are only ever looked at where a person names them.
    """
    try:
        reply = json.loads(data)
        commit = reply["sha"]
        files = {}
        if not _COMMIT.fullmatch(commit):
            raise ValueError(commit)
        for sibling in reply["siblings"]:
            name = sibling["rfilename"]
            if is_plain_name(name):
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


def _list_path(entry: CacheEntry, commit: str) -> Path:
    return entry.path / f"{commit}.json"


def _read_list(entry: CacheEntry, commit: str) -> dict[str, RemoteFile] | None:
    try:
        listed = json.loads(_list_path(entry, commit).read_bytes())
        return {file["name"]: RemoteFile(**file) for file in listed}
    except (OSError, ValueError, TypeError, KeyError, LoadError):
        return None


def _not_cached(ref: RepositoryRef) -> LoadError:
    return LoadError("not-cached", model=f"{ref.name}@{ref.revision}")
