"""Model folders by path, name and URL; downloads are verified, resumed, and fail with a sentence."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tinyvlm.errors import LoadError, TinyVLMError
from tinyvlm.hub import DEFAULT_MODEL, open_model

FILES = {"config.json": b'{"model_type": "tinyvlm"}', "model.safetensors": bytes(range(256)) * 4000}


def part_list(**changes: Any) -> bytes:
    files = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in FILES.items()
    ]
    files[-1].update(changes)
    return json.dumps({"format": 1, "files": files}).encode()


class Handler(BaseHTTPRequestHandler):
    """Serves FILES below /model/, with ranges; `server.cut` ends the weights early, `server.files` replaces them."""

    server: Any

    def do_GET(self) -> None:
        name = self.path.rsplit("/", 1)[-1]
        self.server.requests.append((name, self.headers.get("Range")))
        data = self.server.files.get(name)
        if data is None or not self.path.startswith("/model/"):
            self.send_error(404)
            return
        start = 0
        if self.headers.get("Range") and self.server.refuses_ranges:
            self.send_error(416)
            return
        if self.headers.get("Range") and self.server.ranges:
            start = int(self.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        end = self.server.cut if self.server.cut and name == "model.safetensors" else len(data)
        self.wfile.write(data[start:end])

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("TINYVLM_CACHE", str(tmp_path / "cache"))
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.requests, server.cut, server.ranges = {**FILES, "parts.json": part_list()}, [], 0, True
    server.refuses_ranges = False
    server.url = f"http://127.0.0.1:{server.server_address[1]}/model"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def code_of(source: Any) -> str:
    with pytest.raises(TinyVLMError) as caught:
        open_model(source)
    assert str(caught.value).endswith(".")
    return caught.value.code


def test_the_bundled_model_is_found_by_name() -> None:
    folder = open_model()
    assert folder.name == DEFAULT_MODEL
    assert folder.has("config.json")
    assert not folder.has("nothing.json")
    assert json.loads(folder.read_text("config.json"))["model_type"] == "tinyvlm"


def test_the_bundled_part_list_is_true() -> None:
    """Sizes and sums of every file, parts without a gap."""
    folder: Any = open_model()
    for file in json.loads(folder.read_text("parts.json"))["files"]:
        data = (folder.path / file["name"]).read_bytes()
        assert len(data) == file["size"]
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        end = 0
        for part in file.get("parts", []):
            assert part["offset"] == end
            end += part["length"]
            assert hashlib.sha256(data[part["offset"] : end]).hexdigest() == part["sha256"]
        assert end in (0, file["size"])


def test_folders_that_are_no_models(tmp_path: Path) -> None:
    assert code_of(tmp_path) == "model-incomplete"
    assert code_of("no-such-model") == "model-not-found"
    assert code_of("../etc/passwd") == "model-not-found"
    (tmp_path / "config.json").write_text("{}")
    folder = open_model(tmp_path)
    for action in (folder.weights, lambda: folder.read_text("tokenizer.json")):
        with pytest.raises(LoadError) as caught:
            action()
        assert caught.value.code == "model-incomplete"


def test_a_url_is_downloaded_once(server: Any) -> None:
    folder: Any = open_model(server.url)
    assert folder.name == "model"
    assert {name: (folder.path / name).read_bytes() for name in FILES} == FILES
    before = len(server.requests)
    open_model(server.url + "/")
    assert [name for name, _ in server.requests[before:]] == ["parts.json"]


@pytest.mark.parametrize("ranges", [True, False])
def test_a_broken_download_goes_on_where_it_ended(server: Any, ranges: bool) -> None:
    server.cut, server.ranges = 700_000, ranges
    assert code_of(server.url) == "download-failed"
    server.cut = 0
    folder: Any = open_model(server.url)
    assert (folder.path / "model.safetensors").read_bytes() == FILES["model.safetensors"]
    assert server.requests[-1] == ("model.safetensors", "bytes=700000-")


def test_damage_is_found_and_mended(server: Any) -> None:
    good = server.files["model.safetensors"]
    server.files["model.safetensors"] = b"X" + good[1:]
    assert code_of(server.url) == "checksum-mismatch"
    server.files["model.safetensors"] = good
    folder: Any = open_model(server.url)
    cached = folder.path / "model.safetensors"
    cached.write_bytes(b"Y" + good[1:])
    open_model(server.url)
    assert cached.read_bytes() == good


def test_a_server_may_not_send_more_than_it_promised(server: Any) -> None:
    server.files["model.safetensors"] += b"more"
    assert code_of(server.url) == "checksum-mismatch"


@pytest.mark.parametrize(
    "change", [{"name": "../../evil"}, {"name": ".hidden"}, {"size": -1}, {"size": "big"}, {"sha256": "abc"}]
)
def test_part_lists_that_lie_are_refused(server: Any, change: dict[str, Any]) -> None:
    server.files["parts.json"] = part_list(**change)
    assert code_of(server.url) == "model-incomplete"


def test_unreachable_urls_are_a_sentence(server: Any) -> None:
    del server.files["parts.json"]
    assert code_of(server.url) == "download-failed"
    assert code_of("http://127.0.0.1:1/model") == "download-failed"
    assert code_of("http://[bad/model") == "download-failed"


def test_a_server_that_refuses_the_range_is_asked_for_the_whole(server: Any) -> None:
    server.cut = 700_000
    assert code_of(server.url) == "download-failed"
    server.cut, server.refuses_ranges = 0, True
    folder: Any = open_model(server.url)
    assert (folder.path / "model.safetensors").read_bytes() == FILES["model.safetensors"]


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a b/", "http://127.0.0.1:text/", "http:///x/", "HTTP://127.0.0.1:1/"]
)
def test_odd_urls_are_a_sentence(server: Any, url: str) -> None:
    assert code_of(url) == "download-failed"


@pytest.mark.parametrize("name", ["~nobody-has-this-name/x", "a" * 5000])
def test_odd_paths_are_a_sentence(name: str) -> None:
    assert code_of(name) == "model-not-found"


CUT_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc"


@pytest.mark.parametrize("reply", [b"garbage\r\n\r\n", b"", CUT_CHUNK])
@pytest.mark.parametrize("name", ["parts.json", "model.safetensors"])
def test_broken_replies_are_a_sentence(server: Any, monkeypatch: pytest.MonkeyPatch, name: str, reply: bytes) -> None:
    whole = Handler.do_GET

    def do_get(handler: Any) -> None:
        if handler.path.endswith(name):
            handler.wfile.write(reply)
        else:
            whole(handler)

    monkeypatch.setattr(Handler, "do_GET", do_get)
    assert code_of(server.url) == "download-failed"


def test_a_part_list_too_deep_to_read_is_refused(server: Any) -> None:
    server.files["parts.json"] = b"[" * 100_000
    assert code_of(server.url) == "model-incomplete"
