"""What lies whole in a cache is enough: when the hub does not answer, when nothing can be written, when offline.

Ours, and huggingface_hub's: its layout is drawn at https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub_server import Fault, HubServer, Repository
from tinyvlm.cli import main
from tinyvlm.errors import LoadError, TinyVLMWarning
from tinyvlm.folder.model_folder import DEFAULT_MODEL, LocalFolder
from tinyvlm.hub import download
from tinyvlm.hub.cache import write_atomically
from tinyvlm.hub.settings import hub_token
from tinyvlm.vlm import VLM

NAME = "owner/toy-vlm"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "config.json": b"{}",
    "tokenizer.json": b'{"model": {}}',
    "model.safetensors": bytes(range(256)) * 4000,
    "README.md": b"# toy",
}
NEEDED = [name for name in FILES if name != "README.md"]
FOLDER = {
    "config.json": b"{}",
    "model.safetensors": bytes(range(256)) * 4000,
}


@pytest.fixture
def repository(hub: HubServer) -> Repository:
    """A small one."""
    hub.repositories[NAME] = Repository(dict(FILES))
    return hub.repositories[NAME]


def holds(folder: LocalFolder, files: dict[str, bytes]) -> bool:
    return all((folder.path / name).read_bytes() == files[name] for name in files if name != "README.md")


# ---- the hub does not answer as it should ----------------------------------------------------------------------------

PORTAL = b"<!doctype html><title>Welcome to our hotel</title>"


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("/api/", 9, status=429, headers={"Retry-After": "5"}), "asks to slow down"),
        (Fault("/api/", 9, status=500), "answered 500"),
        (Fault("/api/", 9, status=503), "answered 503"),
        (Fault("/api/", 9, status=403), "answered 403"),
        (Fault("/api/", 9, status=407), "answered 407"),
        (Fault("/api/", 9, content=PORTAL), "not a list"),
        (Fault("/api/", 9, content=b""), "not a list"),
        (Fault("/api/", 9, status=302, headers={"Location": "/login"}), "answered 404"),
        (Fault("/api/", 9, raw=b""), "no answer"),
        (Fault("/api/", 9, raw=b"garbage\r\n\r\n"), "no answer"),
        (Fault("/api/", 9, cut=3), "ended after 3"),
    ],
)
def test_a_whole_model_is_opened_whatever_the_hub_answers(
    hub: HubServer, repository: Repository, opener: Any, fault: Fault, reason: str
) -> None:
    kept = opener(NAME)
    hub.faults.append(fault)
    with pytest.warns(TinyVLMWarning, match=rf"^{NAME}@main comes from the cache.*{reason}.*\.$"):
        assert opener(NAME).path == kept.path
    assert opener.waits == []
    assert opener.code("owner/other") != ""


def test_a_token_that_has_expired_does_not_lock_out(hub: HubServer, repository: Repository, opener: Any) -> None:
    kept = opener(NAME, token="hf_good")
    hub.tokens.clear()
    with pytest.warns(TinyVLMWarning, match="not valid"):
        assert opener(NAME, token="hf_good").path == kept.path


def test_a_model_that_is_not_whole_is_not_taken(hub: HubServer, repository: Repository, opener: Any) -> None:
    (opener(NAME).path / "tokenizer.json").unlink()
    hub.faults.append(Fault("/api/", 9, status=500))
    assert opener.code(NAME) == "download-failed"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def test_nobody_waits_long_for_a_silent_hub(
    hub: HubServer, repository: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch, silent: str
) -> None:
    kept = opener(NAME)
    monkeypatch.setattr(download, "_PATIENCE_S", 0.2)
    cache = kept.path.parents[1]
    cache.rename(cache.with_name(silent.removeprefix("http://").replace(":", "_")))
    monkeypatch.setenv("HF_ENDPOINT", silent)
    started = time.monotonic()
    with pytest.warns(TinyVLMWarning, match="timed out"):
        assert holds(opener(NAME), FILES)
    assert time.monotonic() - started < 20


def test_an_update_that_fails_leaves_the_old_version(hub: HubServer, repository: Repository, opener: Any) -> None:
    old = opener(NAME)
    repository.commit = "f" * 40
    repository.files["config.json"] = b'{"new": true}'
    repository.files["model.safetensors"] = FILES["model.safetensors"][::-1]
    hub.faults.append(Fault("model.safetensors", 9, server="cdn", status=500))
    with pytest.warns(TinyVLMWarning, match="answered 500"):
        assert opener(NAME).path == old.path
    assert opener(NAME, offline=True).path == old.path
    assert opener(NAME).read_text("config.json") == '{"new": true}'
    assert opener(NAME, offline=True).read_text("config.json") == '{"new": true}'


def test_a_version_that_is_no_model_is_said_to_be_none(hub: HubServer, repository: Repository, opener: Any) -> None:
    opener(NAME)
    repository.commit = "f" * 40
    del repository.files["model.safetensors"]
    assert opener.code(NAME) == "weights-file-missing"


@pytest.fixture
def url(hub: HubServer) -> str:
    """A folder on a web server."""
    listed = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in FOLDER.items()
    ]
    part_list = f'{{"format": 1, "files": {listed}}}'.replace("'", '"').encode()
    hub.files.update({f"/model/{name}": data for name, data in {**FOLDER, "parts.json": part_list}.items()})
    return f"{hub.cdn_url}/model"


@pytest.mark.parametrize("file", ["", "/model.safetensors"])
@pytest.mark.parametrize(
    "fault", [Fault("/model/", 9, status=503), Fault("/model/", 9, status=404), Fault("/model/", 9, raw=b"")]
)
def test_addresses_are_answered_from_the_cache_too(
    hub: HubServer, url: str, opener: Any, file: str, fault: Fault
) -> None:
    kept = opener(url + file)
    hub.faults.append(Fault(**vars(fault)))
    with pytest.warns(TinyVLMWarning, match="comes from the cache"):
        assert opener(url + file).path == kept.path
    assert opener.waits == []
    assert holds(opener(url + file, offline=True), FOLDER)


def test_a_portal_before_a_folder(hub: HubServer, url: str, opener: Any) -> None:
    kept = opener(url)
    hub.faults.append(Fault("parts.json", 9, content=PORTAL))
    with pytest.warns(TinyVLMWarning, match="part list"):
        assert opener(url).path == kept.path


# ---- what is damaged is mended ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NEEDED)
@pytest.mark.parametrize("blobs", [True, False])
def test_a_damaged_file_is_noticed_and_fetched_again(
    hub: HubServer, repository: Repository, opener: Any, name: str, blobs: bool
) -> None:
    repository.blobs = blobs
    kept = opener(NAME).path / name
    kept.write_bytes(b"X" + FILES[name][1:])
    assert opener.code(NAME, offline=True) == "not-cached"
    before = hub.paths().count(f"/{NAME}/resolve/{COMMIT}/{name}")
    assert holds(opener(NAME), FILES)
    assert hub.paths().count(f"/{NAME}/resolve/{COMMIT}/{name}") > before
    assert holds(opener(NAME, offline=True), FILES)


def test_a_damaged_file_of_an_address(hub: HubServer, url: str, opener: Any) -> None:
    kept = opener(f"{url}/model.safetensors").path / "model.safetensors"
    kept.write_bytes(b"X" + FOLDER["model.safetensors"][1:])
    assert opener.code(f"{url}/model.safetensors", offline=True) == "not-cached"
    assert holds(opener(f"{url}/model.safetensors"), FOLDER)


def test_what_looks_as_before_is_not_read_again(
    hub: HubServer, repository: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener(NAME)
    monkeypatch.setattr("tinyvlm.hub.cache.file_digest", lambda *_: pytest.fail("a file was read through"))
    opener(NAME)
    opener(NAME, offline=True)


def test_what_cannot_be_listed_there_is_not_used(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES)
    listed = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path == snapshot:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    assert opener.code(NAME, offline=True) == "not-cached"


# ---- a cache that cannot be written, or has no place -----------------------------------------------------------------


@pytest.fixture
def no_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that is mounted for reading."""

    def refuse(path: Path, *_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system", str(path))

    for method in ("mkdir", "write_bytes", "touch", "symlink_to", "unlink"):
        monkeypatch.setattr(Path, method, refuse)


@pytest.mark.parametrize("source", [NAME, f"{NAME}@{COMMIT}"])
def test_a_cache_for_reading_is_enough(
    hub: HubServer, repository: Repository, opener: Any, request: pytest.FixtureRequest, source: str
) -> None:
    kept = opener(NAME)
    for seals in kept.path.parent.glob("*.sums.json"):
        seals.unlink()
    request.getfixturevalue("no_writing")
    assert opener(source).path == kept.path
    assert opener(source, offline=True).path == kept.path


def test_what_cannot_take_its_name_is_not_left_lying(tmp_path: Path) -> None:
    (tmp_path / "taken" / "full").mkdir(parents=True)
    with pytest.raises(LoadError) as caught:
        write_atomically(tmp_path / "taken", b"a list")
    assert caught.value.code == "cache-not-writable"
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_an_update_that_cannot_be_kept(
    hub: HubServer, repository: Repository, opener: Any, request: pytest.FixtureRequest
) -> None:
    kept = opener(NAME)
    repository.commit = "f" * 40
    repository.files["config.json"] = b'{"new": true}'
    request.getfixturevalue("no_writing")
    with pytest.warns(TinyVLMWarning, match="cannot be written: Read-only file system"):
        assert opener(NAME).path == kept.path
    assert opener.code("owner/toy-vlm@" + "f" * 40) == "cache-not-writable"


@pytest.mark.parametrize("file", ["", "/model.safetensors"])
def test_addresses_in_a_cache_for_reading(
    hub: HubServer, url: str, opener: Any, request: pytest.FixtureRequest, file: str
) -> None:
    kept = opener(url + file)
    request.getfixturevalue("no_writing")
    assert opener(url + file).path == kept.path


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's account: no HOME, and no row in the system's list of users."""
    if sys.platform == "win32":
        pytest.skip("Windows finds homes otherwise")
    import pwd

    def unknown(_: Any) -> Any:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    monkeypatch.setattr(pwd, "getpwnam", unknown)


@pytest.mark.parametrize("place", [None, "~nobody-has-this-name/models", "~"])
@pytest.mark.parametrize("options", [{}, {"offline": True}])
def test_a_cache_without_a_place_is_a_sentence(
    hub: HubServer,
    repository: Repository,
    url: str,
    opener: Any,
    homeless: None,
    monkeypatch: pytest.MonkeyPatch,
    place: str | None,
    options: dict[str, Any],
) -> None:
    monkeypatch.delenv("TINYVLM_CACHE")
    if place:
        monkeypatch.setenv("TINYVLM_CACHE", place)
    for source in (NAME, url, f"{url}/model.safetensors"):
        error = opener.error(source, **options)
        assert error.code in ("cache-not-writable", "not-cached")
        if error.code == "cache-not-writable":
            assert error.details["path"] == (place or "~/.cache/tinyvlm")
            assert "TINYVLM_CACHE" in str(error)
    assert opener(DEFAULT_MODEL).name == DEFAULT_MODEL


# ---- huggingface_hub's cache -----------------------------------------------------------------------------------------


def fetched_by_huggingface_hub(
    home: Path, files: dict[str, bytes], commit: str = COMMIT, *, links: bool = True
) -> Path:
    """Lay files down as huggingface_hub does: blobs under their hashes, a snapshot of links, a ref."""
    folder = home / "hub" / f"models--{NAME.replace('/', '--')}"
    snapshot = folder / "snapshots" / commit
    for path in (folder / "refs", folder / "blobs", snapshot):
        path.mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "main").write_text(commit)
    for name, data in files.items():
        git = hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
        blob = folder / "blobs" / (hashlib.sha256(data).hexdigest() if name.endswith(("safetensors", "gguf")) else git)
        (blob if links else snapshot / name).write_bytes(data)
        if links:
            (snapshot / name).symlink_to(Path("../../blobs") / blob.name)
    return snapshot


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize("options", [{}, {"offline": True}])
def test_what_huggingface_hub_has_fetched_is_used_where_it_lies(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path, links: bool, options: dict[str, Any]
) -> None:
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES, links=links)
    assert opener(NAME, **options).path == snapshot
    assert hub.paths() == ([] if options else [f"/api/models/{NAME}/revision/main"])


@pytest.mark.parametrize(
    ("variables", "place"),
    [
        ({"HF_HOME": "{tmp}/a"}, "a"),
        ({"HF_HOME": "{tmp}/a", "HF_HUB_CACHE": "{tmp}/b/hub"}, "b"),
        ({"HF_HUB_CACHE": "$HF_TEST_PLACE/c/hub", "HF_TEST_PLACE": "{tmp}"}, "c"),
        ({"HF_HOME": "", "XDG_CACHE_HOME": "{tmp}/d"}, "d/huggingface"),
        ({"HF_HOME": "", "XDG_CACHE_HOME": "", "HOME": "{tmp}/e"}, "e/.cache/huggingface"),
    ],
)
def test_where_huggingface_hub_keeps_what_it_fetches(
    hub: HubServer, opener: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], place: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(tmp=tmp_path))
    snapshot = fetched_by_huggingface_hub(tmp_path / place, FILES)
    assert opener(NAME, offline=True).path == snapshot


def test_huggingface_hubs_cache_is_enough_without_a_place_for_ours(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, homeless: None
) -> None:
    monkeypatch.delenv("TINYVLM_CACHE")
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES)
    for options in ({}, {"offline": True}, {"revision": COMMIT}):
        assert opener(NAME, **options).path == snapshot


def test_what_is_missing_there_is_fetched(hub: HubServer, repository: Repository, opener: Any, tmp_path: Path) -> None:
    weights = {name: FILES[name] for name in ("model.safetensors",)}
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", weights)
    assert opener.code(NAME, offline=True) == "not-cached"
    folder = opener(NAME)
    assert folder.path != snapshot
    assert holds(folder, FILES)
    assert not [path for path in hub.paths() if "safetensors" in path]
    shutil.rmtree(tmp_path / "hf")
    assert opener.code(NAME, offline=True) == "not-cached"
    assert holds(opener(NAME), FILES)


def test_what_is_whole_there_stands_in_for_what_is_not_here(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path
) -> None:
    ours = opener(NAME).path
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES)
    assert opener(NAME, offline=True).path == ours
    (ours / "model.safetensors").unlink()
    assert opener(NAME, offline=True).path == snapshot


@pytest.mark.parametrize("damage", [b"X" + FILES["model.safetensors"][1:], FILES["model.safetensors"][:-1], b""])
def test_damage_there_is_noticed(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path, damage: bytes
) -> None:
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES)
    (snapshot / "model.safetensors").resolve().write_bytes(damage)
    assert opener.code(NAME, offline=True) == "not-cached"
    assert holds(opener(NAME), FILES)
    assert (snapshot / "model.safetensors").read_bytes() == damage  # theirs; we leave it alone


def test_a_file_there_of_another_size_is_not_used(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path
) -> None:
    """Where neither a link nor the hub tells a hash."""
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", {**FILES, "model.safetensors": b"cut"}, links=False)
    siblings = [{"rfilename": name, "size": len(data)} for name, data in FILES.items()]
    hub.faults.append(Fault("/api/", content=json.dumps({"sha": COMMIT, "siblings": siblings}).encode()))
    folder = opener(NAME)
    assert folder.path != snapshot
    assert holds(folder, FILES)


@pytest.mark.parametrize("ref", ["../elsewhere", "", "main", "0" * 39, "\xff"])
def test_what_a_ref_says_is_a_commit_or_nothing(hub: HubServer, opener: Any, tmp_path: Path, ref: str) -> None:
    snapshot = fetched_by_huggingface_hub(tmp_path / "hf", FILES)
    for name in ("elsewhere", "snapshots/main", f"snapshots/{'0' * 39}"):
        shutil.copytree(snapshot, snapshot.parents[1] / name)
    (snapshot.parents[1] / "refs" / "main").write_text(ref, "latin-1")
    assert opener.code(NAME, offline=True) == "not-cached"


def test_an_older_commit_there_does_not_stand_for_a_newer_one(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path
) -> None:
    old = fetched_by_huggingface_hub(tmp_path / "hf", {**FILES, "config.json": b'{"old": 1}'}, "e" * 40)
    assert opener(NAME).read_text("config.json") == "{}"
    assert opener(f"{NAME}@{'e' * 40}").path == old


@pytest.mark.parametrize("value", ["1", "true", "ON", "Yes"])
@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_hub_is_not_asked_where_that_is_forbidden(
    hub: HubServer, repository: Repository, url: str, opener: Any, monkeypatch: Any, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert opener.code(NAME) == "not-cached"
    assert hub.requests == []
    assert holds(opener(url), FOLDER)  # which is not the hub's
    monkeypatch.setenv(name, "0")
    assert holds(opener(NAME), FILES)


def test_local_files_only_is_offline(hub: HubServer, repository: Repository) -> None:
    for options in ({"local_files_only": True}, {"offline": True}):
        with pytest.raises(Exception, match="not wholly in the cache"):
            VLM.from_pretrained(NAME, **options)  # type: ignore[arg-type]
    assert hub.requests == []


def test_the_command_line_is_told_of_the_cache(
    hub: HubServer, repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", NAME, "--offline"]) == 1
    assert "not wholly in the cache" in capsys.readouterr().err
    assert main(["download", NAME]) == 0
    path = capsys.readouterr().out
    assert main(["download", NAME, "--offline"]) == 0
    assert capsys.readouterr() == (path, "")
    hub.faults.append(Fault("/api/", status=500))
    assert main(["download", NAME]) == 0
    out, err = capsys.readouterr()
    assert out == path
    assert err.startswith(f"tinyvlm: {NAME}@main comes from the cache, because asking for it failed: ")
    assert err.count("\n") == 1


# ---- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "token"),
    [
        ({}, "hf_login"),
        ({"HF_TOKEN": "hf_env"}, "hf_env"),
        ({"HF_TOKEN": " \n"}, "hf_login"),
        ({"HF_TOKEN_PATH": "{hf}/other"}, "hf_other"),
        ({"HF_TOKEN_PATH": "{hf}/nothing"}, None),
        ({"HF_TOKEN_PATH": "{hf}"}, None),
        ({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"}, None),
        ({"HF_HUB_DISABLE_IMPLICIT_TOKEN": "1", "HF_TOKEN": "hf_env"}, "hf_env"),
        ({"HUGGING_FACE_HUB_TOKEN": "hf_old"}, "hf_old"),
    ],
)
def test_the_token_is_where_the_hubs_users_put_it(
    hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], token: str | None
) -> None:
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("hf_login\n")
    (tmp_path / "hf" / "other").write_text("hf_other")
    for name, value in variables.items():
        monkeypatch.setenv(name, value.format(hf=tmp_path / "hf"))
    assert hub_token() == token


def test_a_stored_token_opens_what_is_gated(
    hub: HubServer, repository: Repository, opener: Any, tmp_path: Path
) -> None:
    repository.gated = True
    assert opener.code(NAME) == "repository-gated"
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text("hf_good\n")
    assert holds(opener(NAME), FILES)
    assert {request.server for request in hub.requests if "authorization" in request.headers} == {"hub"}
