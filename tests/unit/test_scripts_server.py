"""The site's server: what it gives, what it refuses, and the headers that keep the page to itself."""

from __future__ import annotations

import gzip
import http.client
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import run
from support.environment import ROOT, ScriptError
from website.site_server import CONTENT_SECURITY_POLICY, ISOLATION, SiteServer

BODY = bytes(range(256)) * 40
WASM = b"\0asm" + bytes(5000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "index.html").write_text("<!doctype html><title>x</title>")
    (folder / "weights.safetensors").write_bytes(BODY)
    (folder / "secret.txt").write_text("not in the list")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[SiteServer]:
    files = {
        "index.html": folder / "index.html",
        "models/weights.safetensors": folder / "weights.safetensors",
        "gone.js": folder / "gone.js",
        "with space.md": b"# Hello",
        **{f"kind{suffix}": b"{}" for suffix in (".mjs", ".js", ".wasm", ".whl", ".json", ".css", ".svg")},
    }
    server = SiteServer(files).start()
    yield server
    server.close()


def ask(server: SiteServer, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response, body


def test_files_and_index(server: SiteServer) -> None:
    assert ask(server, "/")[1].startswith(b"<!doctype html>")
    assert ask(server, "/index.html?x=1#y")[1] == ask(server, "/")[1]
    response, body = ask(server, "/models/weights.safetensors")
    assert (response.status, body) == (200, BODY)
    assert response.headers["Content-Length"] == str(len(BODY))
    assert ask(server, "/with%20space.md")[1] == b"# Hello"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("kind.mjs", "text/javascript; charset=utf-8"),
        ("kind.js", "text/javascript; charset=utf-8"),
        ("kind.wasm", "application/wasm"),
        ("kind.whl", "application/zip"),
        ("kind.json", "application/json"),
        ("kind.css", "text/css; charset=utf-8"),
        ("kind.svg", "image/svg+xml"),
        ("models/weights.safetensors", "application/octet-stream"),
    ],
)
def test_mime_types(server: SiteServer, name: str, kind: str) -> None:
    assert ask(server, f"/{name}")[0].headers["Content-Type"] == kind


@pytest.mark.parametrize("path", ["/", "/nothing"])
def test_headers_are_on_every_answer(server: SiteServer, path: str) -> None:
    headers = ask(server, path)[0].headers
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-cache"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'")


def test_the_page_states_the_same_policy_for_hosts_that_set_no_headers() -> None:
    page = (ROOT / "web" / "index.html").read_text(encoding="utf-8")
    stated = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert stated
    assert f"{stated[1]}; frame-ancestors 'none'" == CONTENT_SECURITY_POLICY


def test_pages_may_be_let_fetch_from_elsewhere() -> None:
    server = SiteServer({"index.html": b"x"}, connect="'self' http://127.0.0.1:9").start()
    policy = ask(server, "/")[0].headers["Content-Security-Policy"]
    server.close()
    assert "; connect-src 'self' http://127.0.0.1:9; " in policy


def test_without_isolation_two_headers_are_missing() -> None:
    server = SiteServer({"index.html": b"x"}, isolated=False).start()
    headers = ask(server, "/")[0].headers
    server.close()
    assert not set(ISOLATION) & set(headers)
    assert "Content-Security-Policy" in headers


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        ("bytes=10000-", 10_000, len(BODY)),
        ("bytes=10000-99999", 10_000, len(BODY)),
        ("bytes=-5", len(BODY) - 5, len(BODY)),
        ("bytes=-99999", 0, len(BODY)),
    ],
)
def test_ranges(server: SiteServer, asked: str, start: int, stop: int) -> None:
    response, body = ask(server, "/models/weights.safetensors", Range=asked)
    assert response.status == 206
    assert body == BODY[start:stop]
    assert response.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(BODY)}"


@pytest.mark.parametrize("asked", [f"bytes={len(BODY)}-", "bytes=-0", "bytes=99999-100000"])
def test_ranges_past_the_end_are_refused(server: SiteServer, asked: str) -> None:
    response, _ = ask(server, "/models/weights.safetensors", Range=asked)
    assert response.status == 416
    assert response.headers["Content-Range"] == f"bytes */{len(BODY)}"


@pytest.mark.parametrize("asked", ["bytes=5-3", "bytes=-", "bytes=0-1,4-5", "lines=1-2", "bytes=a-b", "bytes=٣-٤"])
def test_other_ranges_get_the_whole(server: SiteServer, asked: str) -> None:
    response, body = ask(server, "/models/weights.safetensors", Range=asked.encode().decode("latin-1"))
    assert (response.status, len(body)) == (200, len(BODY))


def test_a_range_of_another_version_gets_the_whole(server: SiteServer) -> None:
    path = "/models/weights.safetensors"
    etag = ask(server, path)[0].headers["ETag"]
    assert ask(server, path, Range="bytes=0-1", If_Range=etag)[0].status == 206
    assert ask(server, path, Range="bytes=0-1", If_Range='"old"')[0].status == 200


def test_what_the_browser_has_is_not_sent_again(server: SiteServer, folder: Path) -> None:
    etag = ask(server, "/")[0].headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        response, body = ask(server, "/", If_None_Match=known)
        assert (response.status, body) == (304, b"")
    (folder / "index.html").write_text("<!doctype html><title>changed</title>")
    response, body = ask(server, "/", If_None_Match=etag)
    assert response.status == 200
    assert b"changed" in body


def test_head_tells_the_size_alone(server: SiteServer) -> None:
    response, body = ask(server, "/models/weights.safetensors", "HEAD")
    assert (response.status, body) == (200, b"")
    assert response.headers["Content-Length"] == str(len(BODY))


@pytest.fixture
def zipping(folder: Path) -> Iterator[SiteServer]:
    files = {"index.html": folder / "index.html", "kernels.wasm": WASM, "model.safetensors": BODY}
    server = SiteServer(files, compress=True).start()
    yield server
    server.close()


def test_what_can_be_compressed_is_for_those_who_take_it(zipping: SiteServer) -> None:
    response, body = ask(zipping, "/kernels.wasm", Accept_Encoding="br, gzip")
    assert (response.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", WASM)
    assert int(response.headers["Content-Length"]) == len(body) < len(WASM)
    assert response.headers["Content-Type"] == "application/wasm"
    for accepted in ("", "br", "gzip;q=0", "gzip; q=0.0, br"):
        response, plain = ask(zipping, "/kernels.wasm", Accept_Encoding=accepted)
        assert (response.headers["Content-Encoding"], plain) == (None, WASM)
        assert response.headers["Vary"] == "Accept-Encoding"
    response, plain = ask(zipping, "/model.safetensors", Accept_Encoding="gzip")
    assert (response.headers["Content-Encoding"], plain) == (None, BODY)


def test_a_part_is_never_compressed(zipping: SiteServer) -> None:
    response, body = ask(zipping, "/kernels.wasm", Accept_Encoding="gzip", Range="bytes=1-3")
    assert (response.status, response.headers["Content-Encoding"], body) == (206, None, WASM[1:4])


def test_compressed_files_are_recognised_and_noticed_when_they_change(zipping: SiteServer, folder: Path) -> None:
    plain, packed = (ask(zipping, "/", Accept_Encoding=accepted)[0].headers["ETag"] for accepted in ("br", "gzip"))
    assert plain != packed
    assert ask(zipping, "/", Accept_Encoding="gzip", If_None_Match=packed)[0].status == 304
    assert ask(zipping, "/", Accept_Encoding="gzip", If_None_Match=plain)[0].status == 200
    (folder / "index.html").write_text("<!doctype html><title>changed again</title>")
    response, body = ask(zipping, "/", Accept_Encoding="gzip", If_None_Match=packed)
    assert (response.status, b"changed again" in gzip.decompress(body)) == (200, True)


def test_large_files_are_compressed_ahead_of_the_first_visitor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    large = bytes(2 << 20)
    server = SiteServer({"large.wasm": large, "gone.wasm": tmp_path / "gone.wasm"}, compress=True).start()
    server.compressing.join()
    monkeypatch.setattr(gzip, "compress", None)
    response, body = ask(server, "/large.wasm", Accept_Encoding="gzip")
    assert (response.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", large)
    server.close()


def test_head_tells_the_compressed_size(zipping: SiteServer) -> None:
    _, body = ask(zipping, "/kernels.wasm", Accept_Encoding="gzip")
    response, nothing = ask(zipping, "/kernels.wasm", "HEAD", Accept_Encoding="gzip")
    assert (response.headers["Content-Length"], nothing) == (str(len(body)), b"")


@pytest.mark.parametrize("path", ["/nothing", "/gone.js", "/models", "/models/", "/index.html/"])
def test_what_is_not_there_is_404(server: SiteServer, path: str) -> None:
    assert ask(server, path)[0].status == 404


@pytest.mark.parametrize(
    "path", ["/secret.txt", "/../secret.txt", "/models/../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd", "/%00"]
)
def test_nothing_outside_the_list_is_served(server: SiteServer, path: str) -> None:
    assert ask(server, path)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_405(server: SiteServer, method: str) -> None:
    response, _ = ask(server, "/", method)
    assert response.status == 405
    assert response.headers["Allow"] == "GET, HEAD"


def test_a_connection_serves_several_requests(server: SiteServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=5)
    for path, status in (("/", 200), ("/nothing", 404), ("/", 200)):
        connection.request("GET", path)
        response = connection.getresponse()
        response.read()
        assert response.status == status
    connection.close()


def test_a_taken_port_is_a_sentence_or_the_next_one(monkeypatch: pytest.MonkeyPatch, server: SiteServer) -> None:
    taken = server.server_port
    with pytest.raises(ScriptError, match=f"Port {taken} is taken"):
        run.open_server({}, "127.0.0.1", taken)
    with pytest.raises(ScriptError, match="from 0 to 65535"):
        run.open_server({}, "127.0.0.1", 99_999)
    monkeypatch.setattr(run, "DEFAULT_PORT", taken)
    other = run.open_server({}, "127.0.0.1", None)
    other.server_close()
    assert taken < other.server_port < taken + run.PORTS_TO_TRY


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("::", False)]
)
def test_other_machines_are_told_about_threads(host: str, local: bool) -> None:
    assert run.is_local(host) is local
