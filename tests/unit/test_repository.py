"""Repositories of a hub that runs on this machine: what is asked for, to whom the token goes, what can go wrong."""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from hub_server import Fault, HubServer, Repository
from tinyvlm.cli import main
from tinyvlm.errors import InputError, TinyVLMWarning
from tinyvlm.folder.model_folder import DEFAULT_MODEL
from tinyvlm.hub.cache import CacheEntry
from tinyvlm.hub.repository import parse_name, parse_url
from tinyvlm.hub.settings import HUB
from tinyvlm.progress import Progress

NAME = "owner/toy-vlm"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def safetensors(values: int) -> bytes:
    header = json.dumps({"w": {"dtype": "U8", "shape": [values], "data_offsets": [0, values]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(range(256)) * (values // 256)


WEIGHTS = safetensors(3 << 20)
TEXTS = {"config.json": b"{}", "tokenizer.json": b'{"model": {}}', "chat_template.jinja": b"{{ messages }}"}


@pytest.fixture
def repository(hub: HubServer) -> Repository:
    """A repository as published, with files that nobody needs."""
    files = {
        **TEXTS,
        "model.safetensors": WEIGHTS,
        "README.md": b"# toy",
        "onnx/model.onnx": b"x",
        ".gitattributes": b"",
    }
    hub.repositories[NAME] = Repository(files)
    return hub.repositories[NAME]


def test_a_repository_becomes_a_folder(hub: HubServer, repository: Repository, opener: Any) -> None:
    seen: list[Progress] = []
    folder = opener(NAME, progress=seen.append)
    assert folder.name == NAME
    assert sorted(path.name for path in folder.path.iterdir()) == sorted([*TEXTS, "model.safetensors"])
    assert (folder.path / "model.safetensors").read_bytes() == WEIGHTS
    assert folder.weights().tensors["w"].nbytes == 3 << 20
    told = [(event.loaded, event.total, event.done) for event in seen if event.file == "model.safetensors"]
    assert [loaded for loaded, *_ in told] == [1 << 20, 2 << 20, 3 << 20, len(WEIGHTS), len(WEIGHTS)]
    assert [done for *_, done in told] == [False] * 4 + [True]
    assert {total for _, total, _ in told} == {len(WEIGHTS)}
    assert not any("README" in path or "onnx" in path for path in hub.paths())


def test_what_is_there_is_not_fetched_again(hub: HubServer, repository: Repository, opener: Any) -> None:
    folder = opener(NAME)
    before = len(hub.requests)
    assert opener(NAME).path == folder.path
    assert hub.paths()[before:] == [f"/api/models/{NAME}/revision/main"]
    assert opener(f"{NAME}@{COMMIT}").path == folder.path
    assert opener(NAME, offline=True).path == folder.path
    assert len(hub.requests) == before + 1


def test_a_new_commit_is_a_new_folder(hub: HubServer, repository: Repository, opener: Any) -> None:
    old = opener(NAME)
    repository.commit, repository.files["config.json"] = "f" * 40, b'{"new": true}'
    new = opener(NAME)
    assert (old.read_text("config.json"), new.read_text("config.json")) == ("{}", '{"new": true}')


@pytest.mark.parametrize("source", ["{name}@v1", "{url}/{name}/tree/v1", "{hub}/{name}/tree/v1", "{name}"])
def test_revisions(hub: HubServer, repository: Repository, opener: Any, source: str) -> None:
    repository.revisions = ("v1",)
    text = source.format(name=NAME, url=hub.url, hub=HUB)
    assert opener(text, revision="v1").name == NAME
    assert opener.code(NAME) == "revision-not-found"


def test_shards(hub: HubServer, repository: Repository, opener: Any) -> None:
    shards = {f"model-0000{n}-of-00002.safetensors": WEIGHTS.replace(b'"w"', b'"%d"' % n, 1) for n in (1, 2)}
    index = {"weight_map": {str(n): name for n, name in enumerate(shards, 1)}}
    del repository.files["model.safetensors"]
    repository.files |= {**shards, "model.safetensors.index.json": json.dumps(index).encode()}
    folder = opener(NAME)
    assert sorted(folder.weights().tensors) == ["1", "2"]
    assert [file.name for file in folder.weight_files()] == list(shards)
    del repository.files["model-00002-of-00002.safetensors"]
    repository.commit = "f" * 40
    assert "model-00002-of-00002.safetensors" in str(opener.error(NAME))


def test_gguf(hub: HubServer, opener: Any) -> None:
    names = ["Toy-Q4_K_M.gguf", "Toy-Q8_0.gguf", "mmproj-Toy-f16.gguf"]
    hub.repositories["owner/Toy-GGUF"] = Repository({name: name.encode() for name in names})
    assert [file.name for file in opener("owner/Toy-GGUF").weight_files()] == ["Toy-Q8_0.gguf", "mmproj-Toy-f16.gguf"]
    for source in ("owner/Toy-GGUF/Toy-Q4_K_M.gguf", f"{HUB}/owner/Toy-GGUF/blob/main/Toy-Q4_K_M.gguf"):
        chosen = opener(source).weight_files()
        assert [file.name for file in chosen] == ["Toy-Q4_K_M.gguf", "mmproj-Toy-f16.gguf"]
    assert opener.code("owner/Toy-GGUF/Nothing.gguf") == "model-incomplete"
    pieces = ["Toy-00001-of-00002.GGUF", "Toy-00002-of-00002.GGUF"]
    hub.repositories["owner/Toy-Split"] = Repository(
        {name: name.encode() for name in (*pieces, "Toy.MMPROJ-fp16.gguf")}
    )
    for source in ("owner/Toy-Split", f"owner/Toy-Split/{pieces[1]}"):
        assert [file.name for file in opener(source).weight_files()] == [*pieces, "Toy.MMPROJ-fp16.gguf"]
    assert opener.code("owner/Toy-GGUF", mmproj="nothing.gguf") == "model-incomplete"


def test_a_mirror_that_lists_names_alone(hub: HubServer, repository: Repository, opener: Any) -> None:
    """Sizes and hashes then come from the headers of the files."""
    repository.blobs = False
    hub.faults.append(Fault("model.safetensors", server="cdn", times=2, content=b"X" + WEIGHTS[1:]))
    assert opener.code(NAME) == "checksum-mismatch"
    assert (opener(NAME).path / "model.safetensors").read_bytes() == WEIGHTS


def test_the_token_is_for_the_hub_alone(
    hub: HubServer, repository: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.gated = True
    monkeypatch.setenv("HF_TOKEN", "hf_good")
    opener(NAME)
    told = {request.server for request in hub.requests if "authorization" in request.headers}
    assert told == {"hub"}
    assert [request for request in hub.requests if request.server == "cdn"]
    listed = {"name": "config.json", "size": 2, "sha256": hashlib.sha256(b"{}").hexdigest()}
    hub.files["/model/parts.json"] = json.dumps({"format": 1, "files": [listed]}).encode()
    hub.files["/model/config.json"] = b"{}"
    opener(f"{hub.cdn_url}/model")
    assert "authorization" not in hub.requests[-1].headers


def test_gated_repositories(hub: HubServer, repository: Repository, opener: Any) -> None:
    repository.gated = True
    error = opener.error(NAME)
    assert (error.code, error.details) == ("repository-gated", {"repository": NAME})
    assert "HF_TOKEN" in str(error)
    error = opener.error(NAME, token="hf_bad")
    assert (error.code, error.details) == ("token-without-access", {"repository": NAME})
    assert opener(NAME, token=" hf_good\n").name == NAME


@pytest.mark.parametrize("token", ["hf_se\ncret", "hf_se cret", "hf_secrét"])
def test_a_token_that_no_header_can_hold_is_not_repeated(hub: HubServer, opener: Any, token: str) -> None:
    error = opener.error(NAME, token=token)
    assert (error.code, error.details) == ("token-invalid", {})
    assert "hf_se" not in str(error)
    assert (hub.requests, opener.waits) == ([], [])


def test_what_is_not_there(hub: HubServer, repository: Repository, opener: Any) -> None:
    for token in (None, "hf_good"):
        error = opener.error("nobody/nothing", token=token)
        assert (error.code, error.details) == ("repository-not-found", {"repository": "nobody/nothing"})
    assert opener.code(NAME, token="hf_bad") == "token-invalid"
    error = opener.error(f"{NAME}@no/thing")
    assert (error.code, error.details) == ("revision-not-found", {"repository": NAME, "revision": "'no/thing'"})
    for file, code in (("model.safetensors", "weights-file-missing"), ("config.json", "model-incomplete")):
        data = repository.files.pop(file)
        repository.commit = file[0].replace("m", "a") * 40
        assert opener.code(NAME) == code
        repository.files[file] = data


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 429])
def test_failures_that_pass_are_waited_for(hub: HubServer, repository: Repository, opener: Any, status: int) -> None:
    hub.faults.append(Fault("/api/", times=2, status=status))
    hub.faults.append(Fault("model.safetensors", server="cdn", status=status, headers={"Retry-After": "7"}))
    assert opener(NAME).name == NAME
    assert opener.waits == [0.5, 1.0, 7.0]


@pytest.mark.parametrize(("status", "code"), [(500, "download-failed"), (429, "rate-limited")])
def test_failures_that_stay_are_given_up(
    hub: HubServer, repository: Repository, opener: Any, status: int, code: str
) -> None:
    hub.faults.append(Fault("/api/", times=5, status=status))
    assert opener.code(NAME) == code
    assert opener.waits == [0.5, 1.0, 2.0, 4.0]


def test_nobody_waits_for_an_hour(hub: HubServer, repository: Repository, opener: Any) -> None:
    hub.faults.append(Fault("/api/", status=429, headers={"Retry-After": "3600"}))
    assert opener.code(NAME) == "rate-limited"
    assert opener.waits == []


def test_tries_are_not_counted_while_it_gets_further(hub: HubServer, repository: Repository, opener: Any) -> None:
    """A poor connection ends every reply early, more often than there are tries."""
    hub.repositories[NAME].files["model.safetensors"] = large = safetensors(8 << 20)
    hub.faults.append(Fault("model.safetensors", server="cdn", times=100, cut=(1 << 20) + 100))
    assert (opener(NAME).path / "model.safetensors").read_bytes() == large
    assert opener.waits == [0.5] * 7


@pytest.mark.parametrize("endpoint", ["http://[bad", "hf-mirror.com", "file:///models", "https://"])
def test_an_endpoint_that_is_none(hub: HubServer, opener: Any, monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    for source in (NAME, f"{HUB}/{NAME}", f"{hub.cdn_url}/model"):
        error = opener.error(source)
        assert (error.code, error.details) == ("url-invalid", {"url": endpoint.rstrip("/")})
    assert opener(DEFAULT_MODEL).name == DEFAULT_MODEL
    assert hub.requests == []


def test_no_network(hub: HubServer, repository: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = opener(NAME)
    hub.close()
    with pytest.warns(TinyVLMWarning, match="could not be reached"):
        assert opener(NAME).path == folder.path
    assert opener.waits == []
    assert opener.code("owner/other") == "no-network"
    monkeypatch.setattr(HubServer, "close", lambda self: None)  # the fixture need not close it again


def test_offline_says_what_is_missing(hub: HubServer, repository: Repository, opener: Any) -> None:
    assert opener.code(NAME, offline=True) == "not-cached"
    (opener(NAME).path / "model.safetensors").unlink()
    assert opener.code(NAME, offline=True) == "not-cached"
    assert opener.code(f"{NAME}@v2", offline=True) == "not-cached"
    assert len([path for path in hub.paths() if path.startswith("/api/models/")]) == 1


def test_a_full_disk(hub: HubServer, repository: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1 << 20))
    error = opener.error(NAME)
    assert error.code == "disk-full"
    assert "TINYVLM_CACHE" in str(error)
    assert hub.paths("cdn") == []


def test_a_disk_that_fills_up(hub: HubServer, repository: Repository, opener: Any, monkeypatch: Any) -> None:
    def no_space(path: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    assert opener.code(NAME) == "disk-full"


def test_a_cache_that_cannot_be_written(hub: HubServer, repository: Repository, opener: Any, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert opener.code(NAME) == "cache-not-writable"


def test_several_at_a_time_download_once(hub: HubServer, repository: Repository, opener: Any) -> None:
    hub.faults.append(Fault("model.safetensors", server="cdn", rate=12 << 20))
    folders: list[Any] = []
    threads = [threading.Thread(target=lambda: folders.append(opener(NAME))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(folder.path / "model.safetensors").read_bytes() == WEIGHTS for folder in folders] == [True] * 4
    assert len(hub.paths("cdn")) == 1


@pytest.mark.parametrize("change", [{"sha": "main"}, {"sha": None}, {"siblings": 5}, {"siblings": [{}]}])
def test_lists_that_are_none_are_refused(
    hub: HubServer, repository: Repository, opener: Any, change: dict[str, Any]
) -> None:
    hub.faults.append(Fault("/api/", content=json.dumps({"sha": COMMIT, "siblings": [], **change}).encode()))
    assert opener.code(NAME) == "hub-answer-invalid"


@pytest.mark.parametrize("name", ["../../evil.safetensors", "/etc/model.gguf", ".hidden.gguf", "a\\b.gguf", "a\0.gguf"])
def test_files_from_elsewhere_are_not_looked_at(hub: HubServer, repository: Repository, opener: Any, name: str) -> None:
    listing = {"sha": COMMIT, "siblings": [{"rfilename": name}]}
    hub.faults.append(Fault("/api/", content=json.dumps(listing).encode()))
    assert opener.code(NAME) == "weights-file-missing"


def test_names_that_a_person_chose(hub: HubServer, opener: Any) -> None:
    """The hub's list is looked at by plain names alone, and by those that were named."""
    names = ["model (1).gguf", "Größe 'q8' [2].gguf", "../x.gguf", "a\\b.gguf", "tower (f16).gguf", "toy.gguf"]
    hub.repositories["owner/Toy-GGUF"] = Repository({name: name.encode() for name in names})
    assert [file.name for file in opener("owner/Toy-GGUF").weight_files()] == ["toy.gguf"]
    for name in names[:2]:
        for source in (f"owner/Toy-GGUF/{name}", f"{HUB}/owner/Toy-GGUF/blob/main/{name}"):
            (file,) = opener(source).weight_files()
            assert file.path.read_bytes() == name.encode()
        assert opener(f"owner/Toy-GGUF/{name}", offline=True).weight_files() == [file]
    files = opener("owner/Toy-GGUF/toy.gguf", mmproj="tower (f16).gguf").weight_files()
    assert [(file.role, file.name) for file in files] == [("model", "toy.gguf"), ("mmproj", "tower (f16).gguf")]
    for tower in ("../x.gguf", "a\\b.gguf", "../../x"):
        assert opener.code("owner/Toy-GGUF/toy.gguf", mmproj=tower) == "model-incomplete"
    del hub.repositories["owner/Toy-GGUF"].files["toy.gguf"]
    hub.repositories["owner/Toy-GGUF"].commit = "f" * 40
    assert opener.code("owner/Toy-GGUF") == "weights-file-missing"


def test_sizes_that_lie(hub: HubServer, repository: Repository, opener: Any) -> None:
    def listing(**facts: Any) -> Fault:
        siblings = [{"rfilename": "config.json", **facts}, {"rfilename": "model.safetensors"}]
        return Fault("/api/", content=json.dumps({"sha": COMMIT, "siblings": siblings}).encode())

    for facts, code in (
        ({"size": 1 << 60, "blobId": "0" * 40}, "file-too-large"),
        ({"size": 1, "blobId": "0" * 40}, "checksum-mismatch"),
        ({"size": 2, "blobId": "0" * 40}, "checksum-mismatch"),
        ({"size": -1, "lfs": []}, ""),
        ({"size": "many", "blobId": "9e26dfeeb6e641a33dae4961196235bdb965b21b"}, ""),
    ):
        hub.faults.append(listing(**facts))
        assert (opener.code(NAME) if code else opener(NAME).name) == (code or NAME)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("a/b", ("a/b", "main", None)),
        ("HuggingFaceTB/SmolVLM-256M-Instruct@v1.0", ("HuggingFaceTB/SmolVLM-256M-Instruct", "v1.0", None)),
        ("a/b@refs/pr/1", ("a/b", "refs/pr/1", None)),
        ("a/b@dev/x.gguf", ("a/b", "dev", "x.gguf")),
        ("a/b/x-Q8_0.gguf", ("a/b", "main", "x-Q8_0.gguf")),
        ("a", None),
        ("a/b/c", None),
        ("../b", None),
        ("a/..", None),
        ("./a", None),
        ("a b/c", None),
        ("a/b@", None),
    ],
)
def test_names(text: str, ref: tuple[str, str, str | None] | None) -> None:
    parsed = parse_name(text)
    assert (parsed and (parsed.name, parsed.revision, parsed.file)) == ref


@pytest.mark.parametrize(
    ("path", "ref"),
    [
        ("a/b", ("a/b", "main", None)),
        ("a/b/", ("a/b", "main", None)),
        ("a/b/tree/refs%2Fpr%2F1", ("a/b", "refs/pr/1", None)),
        ("a/b/blob/main/x.gguf", ("a/b", "main", "x.gguf")),
        ("a/b/resolve/v1/x.gguf?download=true", ("a/b", "v1", "x.gguf")),
        ("a/b?show_file_info=x.gguf", ("a/b", "main", None)),
    ],
)
def test_addresses(path: str, ref: tuple[str, str, str | None]) -> None:
    for endpoint in (HUB, "http://127.0.0.1:9999"):
        parsed = parse_url(f"{HUB}/{path}", endpoint)
        assert parsed is not None
        assert (parsed.name, parsed.revision, parsed.file) == ref


def test_other_addresses() -> None:
    assert parse_url("https://example.org/a/b", HUB) is None
    assert parse_url("http://127.0.0.1:9999/models/a/b/", "http://127.0.0.1:9999") is None
    for path in ("datasets/a/b", "a", "", "a/b/blob/main/config.json", "a/b/tree/..", "a/b/discussions/1"):
        with pytest.raises(InputError):
            parse_url(f"{HUB}/{path}", HUB)


def test_the_cache_of_a_hub_with_a_port() -> None:
    path = CacheEntry("127.0.0.1:9999", "a--b", "../x").path
    assert path.parts[-3:] == ("127.0.0.1_9999", "a--b", "..%2Fx")


def test_the_command_line_downloads(
    hub: HubServer, repository: Repository, capsys: pytest.CaptureFixture[str], opener: Any
) -> None:
    assert main(["download", NAME]) == 0
    out, err = capsys.readouterr()
    assert Path(out.strip()) == opener(NAME, offline=True).path
    assert err.endswith("model.safetensors: 3.1 of 3.1 MB\n")
    assert main(["download", f"{NAME}@nothing"]) == 1
    assert capsys.readouterr().err == f"tinyvlm: {NAME} has no branch, tag or commit 'nothing'.\n"
