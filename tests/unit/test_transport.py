"""Whom a request goes to, and who hears of the token: every guard of one request, and proxies."""

from __future__ import annotations

import io
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from typing import Any

import pytest

from hub_server import Fault, HubServer, Repository
from tinyvlm.errors import LoadError
from tinyvlm.hub import download, repository, web_folder
from tinyvlm.hub.transport import Connection, origin

NAME = "owner/toy-vlm"
HUB = "https://huggingface.co"


class Reply(io.BytesIO):
    """A reply to a request."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.headers = Message()
        self.status = 200


class Servers:
    """Stands in for the network, https included: follows a map of redirects, and remembers what it was told."""

    def __init__(self, redirects: Mapping[str, str]) -> None:
        self._redirects = redirects
        self.told: list[tuple[str, str | None]] = []

    def open(self, request: urllib.request.Request, timeout: float) -> Reply:
        """Answer, or redirect."""
        url = request.full_url
        self.told.append((url, request.get_header("Authorization")))
        if url not in self._redirects:
            return Reply(b"{}")
        headers = Message()
        headers["Location"] = self._redirects[url]
        raise urllib.error.HTTPError(url, 302, "Found", headers, io.BytesIO())


@pytest.fixture
def open_url() -> Callable[..., list[tuple[str, str | None]]]:
    """Opens a URL with the token "hf_x" of a hub; returns who was asked, and whether they were told the token."""

    def open_url(url: str, redirects: Mapping[str, str], hub: str = HUB) -> list[tuple[str, str | None]]:
        connection = Connection("hf_x", origin(hub))
        servers = Servers(redirects)
        connection._opener = servers  # type: ignore[assignment]
        try:
            connection.open(url, {})
        except LoadError as error:
            servers.told.append((error.code, None))
        return servers.told

    return open_url


TOKEN = "Bearer hf_x"


@pytest.mark.parametrize("target", ["http://huggingface.co/b", "http://cdn.example/b", "HTTP://huggingface.co/b"])
def test_a_redirect_never_leaves_https(open_url: Any, target: str) -> None:
    assert open_url(f"{HUB}/a", {f"{HUB}/a": target}) == [(f"{HUB}/a", TOKEN), ("redirect-insecure", None)]
    upper = "HTTPS://huggingface.co/a"
    assert open_url(upper, {upper: target})[-1] == ("redirect-insecure", None)


def test_a_redirect_may_go_to_https_or_stay_with_http(open_url: Any) -> None:
    assert [url for url, _ in open_url("http://a/", {"http://a/": "http://b/", "http://b/": "https://c/"})] == [
        "http://a/",
        "http://b/",
        "https://c/",
    ]


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://example.org/x", "data:,x", "http://[bad/", "http://a:x/", "/a b"]
)
def test_a_redirect_leads_to_http_alone(open_url: Any, target: str) -> None:
    told = open_url("http://a/", {"http://a/": target})
    assert told == [("http://a/", None), ("url-invalid", None)]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.org/x", "owner/name", "http://a b/"])
def test_http_alone_is_asked(open_url: Any, url: str) -> None:
    assert open_url(url, {}) == [("url-invalid", None)]


def test_redirects_come_to_an_end(open_url: Any) -> None:
    told = open_url("http://a/", {"http://a/": "http://b/", "http://b/": "http://a/"})
    assert told[-1] == ("redirect-endless", None)
    assert len(told) == 6


@pytest.mark.parametrize(
    ("hub", "url", "is_told"),
    [
        (HUB, f"{HUB}/a", True),
        (HUB, "https://HuggingFace.co/a", True),
        (HUB, "http://huggingface.co/a", False),
        (HUB, "https://huggingface.co:8443/a", False),
        (HUB, "https://huggingface.co.example.org/a", False),
        (HUB, "https://huggingface.co@example.org/a", False),
        (HUB, "https://cdn.huggingface.co/a", False),
        (HUB, "https://example.org/?https://huggingface.co", False),
        ("https://mirror.example/hf/", "https://mirror.example/a", True),
        ("https://Mirror.example", "https://mirror.example/a", True),
        ("https://mirror.example", f"{HUB}/a", False),
    ],
)
def test_the_token_goes_to_the_hubs_origin_alone(open_url: Any, hub: str, url: str, is_told: bool) -> None:
    assert open_url(url, {}, hub) == [(url, TOKEN if is_told else None)]
    told = open_url("http://first.example/", {"http://first.example/": url}, hub)
    assert told == [("http://first.example/", None), (url, TOKEN if is_told else None)]


def test_the_token_is_not_carried_on_by_a_redirect(open_url: Any) -> None:
    cdn = "https://cdn.example/blob?sig=1"
    assert open_url(f"{HUB}/a", {f"{HUB}/a": cdn}) == [(f"{HUB}/a", TOKEN), (cdn, None)]
    back = open_url(f"{HUB}/a", {f"{HUB}/a": cdn, cdn: f"{HUB}/b"})
    assert [token for _, token in back] == [TOKEN, None, TOKEN]


# ---- what is too large ----------------------------------------------------------------------------------------------


@pytest.fixture
def toy(hub: HubServer) -> Repository:
    """A repository, and the same as a folder on a web server."""
    hub.repositories[NAME] = Repository({"config.json": b"{}" + b" " * 500, "model.safetensors": b"x"}, blobs=False)
    hub.files |= {"/m/config.json": b"{}" + b" " * 500, "/m/model.safetensors": b"x"}
    return hub.repositories[NAME]


@pytest.mark.parametrize(
    ("module", "limit", "source"),
    [
        (repository, "_MAX_LISTING_BYTES", NAME),
        (repository, "_MAX_TEXT_BYTES", NAME),
        (web_folder, "_MAX_LIST_BYTES", "{cdn}/m"),
        (web_folder, "_MAX_TEXT_BYTES", "{cdn}/m/model.safetensors"),
    ],
)
def test_what_is_read_whole_has_a_limit(
    hub: HubServer, toy: Repository, opener: Any, monkeypatch: Any, module: Any, limit: str, source: str
) -> None:
    hub.files["/m/parts.json"] = b'{"format": 1, "files": [], "more": "' + b"x" * 500 + b'"}'
    monkeypatch.setattr(module, limit, 100)
    error = opener.error(source.format(cdn=hub.cdn_url))
    assert (error.code, error.details["limit"]) == ("file-too-large", 100)


def test_an_endless_reply_is_read_no_further_than_its_limit(
    hub: HubServer, toy: Repository, opener: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a length in its head, as it likes."""
    monkeypatch.setattr(repository, "_MAX_LISTING_BYTES", 1000)
    asked: list[int] = []
    receive = download.Downloader._receive
    monkeypatch.setattr(
        download.Downloader,
        "_receive",
        staticmethod(lambda reply, url, most: asked.append(most) or receive(reply, url, most)),
    )
    hub.faults.append(Fault("/api/", raw=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000))
    assert opener.code(NAME) == "file-too-large"
    assert asked == [1001]


@pytest.mark.parametrize(("files", "is_taken"), [(64, True), (65, False)])
def test_a_part_list_names_so_many_files(hub: HubServer, opener: Any, files: int, is_taken: bool) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    names = ["config.json", *(f"f{n}.json" for n in range(files - 1))]
    listed = ", ".join(f'{{"name": "{name}", "size": 0, "sha256": "{empty}"}}' for name in names)
    hub.files |= {f"/m/{name}": b"" for name in names}
    hub.files["/m/parts.json"] = f'{{"format": 1, "files": [{listed}]}}'.encode()
    if is_taken:
        assert len(list(opener(f"{hub.cdn_url}/m").path.iterdir())) == files + 1
    else:
        assert opener.code(f"{hub.cdn_url}/m") == "part-list-invalid"


@pytest.mark.parametrize(("parts", "is_taken"), [(4096, True), (4097, False)])
def test_a_file_has_so_many_parts(parts: int, is_taken: bool) -> None:
    digest = "0" * 64
    listed = ", ".join(f'{{"offset": {n}, "length": 1, "sha256": "{digest}"}}' for n in range(parts))
    file = f'{{"name": "a.gguf", "size": {parts}, "sha256": "{digest}", "parts": [{listed}]}}'
    data = f'{{"format": 1, "files": [{file}]}}'.encode()
    if is_taken:
        [(_, read)] = web_folder.parse_part_list(data, "https://example.org/m").items()
        assert len(read) == parts
    else:
        with pytest.raises(Exception, match="not valid"):
            web_folder.parse_part_list(data, "https://example.org/m")


# ---- proxies --------------------------------------------------------------------------------------------------------


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever this machine has set."""
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy"])
def test_a_proxy_is_asked_in_the_hubs_place(
    hub: HubServer, toy: Repository, opener: Any, monkeypatch: Any, no_proxies: None, variable: str
) -> None:
    """The double reads the path of a whole address, so that it can stand in for a proxy."""
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    monkeypatch.setenv(variable, hub.url)
    monkeypatch.setenv("NO_PROXY", "example.org,127.0.0.1")
    assert opener(NAME).name == NAME
    asked = [request.path for request in hub.requests if request.server == "hub"]
    assert asked[0] == f"http://hub.invalid/api/models/{NAME}/revision/main?blobs=true"
    assert all(path.startswith("http://hub.invalid/") for path in asked)
    assert all(request.path.startswith("/") for request in hub.requests if request.server == "cdn")  # no proxy there


@pytest.fixture
def tunnel() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that refuses tunnels; what it was asked."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            with server.accept()[0] as client:
                asked.append(client.recv(4096))
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        yield f"127.0.0.1:{server.getsockname()[1]}", asked


def test_https_goes_through_a_tunnel(
    hub: HubServer, monkeypatch: pytest.MonkeyPatch, no_proxies: None, tunnel: tuple[str, list[bytes]]
) -> None:
    address, asked = tunnel
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:secret@{address}")
    with pytest.raises(LoadError, match=r"hub\.invalid could not be reached: .*407"):
        Connection("hf_x", "https://hub.invalid").open("https://hub.invalid/a", {})
    head = asked[0].split(b"\r\n")
    assert head[0].startswith(b"CONNECT hub.invalid:443 ")
    assert b"Proxy-Authorization: Basic c29tZWJvZHk6c2VjcmV0" in head
    assert not [line for line in head if b"hf_x" in line]
