"""Models on a plain web server: verified, continued, and what fails is a sentence."""

from __future__ import annotations

import hashlib
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub_server import Fault, HubServer
from tinyvlm.progress import Progress

FILES = {"config.json": b'{"model_type": "tinyvlm"}', "model.safetensors": bytes(range(256)) * 8000}
WEIGHTS = FILES["model.safetensors"]


def part_list(**changes: Any) -> bytes:
    files = [
        {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()} for name, data in FILES.items()
    ]
    files[-1].update(changes)
    return json.dumps({"format": 1, "files": files}).encode()


PART = 300_000


def parts(data: bytes = WEIGHTS) -> list[dict[str, Any]]:
    pieces = [(start, data[start : start + PART]) for start in range(0, len(data), PART)]
    return [{"offset": o, "length": len(d), "sha256": hashlib.sha256(d).hexdigest()} for o, d in pieces]


@pytest.fixture
def url(hub: HubServer) -> str:
    """A model folder's URL."""
    hub.files.update({f"/model/{name}": data for name, data in {**FILES, "parts.json": part_list()}.items()})
    return f"{hub.cdn_url}/model"


def test_a_url_is_downloaded_once(hub: HubServer, url: str, opener: Any) -> None:
    folder = opener(url)
    assert folder.name == "model"
    assert {name: (folder.path / name).read_bytes() for name in FILES} == FILES
    before = len(hub.requests)
    opener(url + "/")
    assert hub.paths()[before:] == ["/model/parts.json"]
    assert opener(url, offline=True).path == folder.path
    assert len(hub.requests) == before + 1


def test_a_part_list_has_a_mebibyte_at_most(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/parts.json"] = part_list().ljust(1 << 20)
    assert opener(url).name == "model"
    hub.files["/large/parts.json"] = part_list().ljust((1 << 20) + 1)
    error = opener.error(f"{hub.cdn_url}/large")
    assert (error.code, error.details["limit"]) == ("file-too-large", 1 << 20)


def test_a_folders_query_is_sent_with_each_of_its_files(hub: HubServer, url: str, opener: Any) -> None:
    hub.files.update({f"/my möbel{path[6:]}": data for path, data in hub.files.items()})
    folder = f"{hub.cdn_url}/my möbel"
    for source in ("?sig=a%2Fb+c&x", "/?sig=a%2Fb+c&x#files", "/?sig=a%2Fb+c&x#"):
        opened = opener(folder + source)
        assert {name: (opened.path / name).read_bytes() for name in FILES} == FILES
        assert opened.name == "my möbel"
        assert opener(folder + source, offline=True).path == opened.path
    place = "/my%20m%C3%B6bel"
    assert [request.path for request in hub.requests] == [
        f"{place}/{name}?sig=a%2Fb+c&x" for name in ("parts.json", *FILES, "parts.json", "parts.json")
    ]
    assert opener.code(f"{folder}?sig=other", offline=True) == "not-cached"


def test_a_files_query_is_sent_with_what_lies_beside_it(hub: HubServer, opener: Any) -> None:
    hub.files.update({f"/x/{name}": b"{}" for name in ("a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf")})
    hub.files.update({"/x/a.safetensors": WEIGHTS, "/x/config.json": b"{}"})
    opened = opener(f"{hub.cdn_url}/x/a-00001-of-00002.gguf?sig=a%2Fb#top", mmproj="b.gguf")
    assert sorted(path.name for path in opened.path.iterdir()) == [
        "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "b.gguf",
    ]  # fmt: skip
    assert opener(f"{hub.cdn_url}/x/a.safetensors?sig=a%2Fb").has("config.json")
    assert {urlsplit(request.path).query for request in hub.requests} == {"sig=a%2Fb"}


def test_a_file_of_any_name_by_url(hub: HubServer, opener: Any) -> None:
    hub.files["/x/model (1) größer.gguf"] = WEIGHTS
    for name in ("model (1) größer.gguf", "model%20(1)%20gr%C3%B6%C3%9Fer.gguf#top"):
        (file,) = opener(f"{hub.cdn_url}/x/{name}").weight_files()
        assert (file.name, file.path.read_bytes()) == ("model (1) größer.gguf", WEIGHTS)
    assert opener.code(f"{hub.cdn_url}/x/a%5Cb.gguf") == "weight-name-invalid"
    assert opener.code(f"{hub.cdn_url}/x/..%2Fb.gguf") == "download-failed"
    assert opener.code(f"{hub.cdn_url}/x/.b.gguf") == "weight-name-invalid"


def test_offline_needs_all_of_it(hub: HubServer, url: str, opener: Any) -> None:
    assert opener.code(url, offline=True) == "not-cached"
    (opener(url).path / "model.safetensors").unlink()
    assert opener.code(url, offline=True) == "not-cached"


@pytest.mark.parametrize("ignores_ranges", [False, True])
def test_a_broken_download_goes_on_where_it_ended(hub: HubServer, url: str, opener: Any, ignores_ranges: bool) -> None:
    hub.faults += [
        Fault("model.safetensors", cut=1_500_000),
        Fault("model.safetensors", ignores_ranges=ignores_ranges),
    ]
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.requests[-1].headers["range"] == "bytes=1500000-"


def test_the_next_run_goes_on_too(hub: HubServer, url: str, opener: Any) -> None:
    hub.faults += [Fault("model.safetensors", cut=1000), Fault("model.safetensors", times=4, cut=0)]
    error = opener.error(url)
    assert (error.code, error.details["received"], error.details["size"]) == ("download-short", 1000, len(WEIGHTS))
    assert opener.waits == [0.5, 1.0, 2.0, 4.0]
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS
    assert hub.requests[-1].headers["range"] == "bytes=1000-"


def test_damage_is_found_and_mended(hub: HubServer, url: str, opener: Any) -> None:
    hub.faults.append(Fault("model.safetensors", content=b"X" + WEIGHTS[1:]))
    assert opener.code(url) == "checksum-mismatch"
    cached = opener(url).path / "model.safetensors"
    cached.write_bytes(b"Y" + WEIGHTS[1:])
    opener(url)
    assert cached.read_bytes() == WEIGHTS


def test_a_file_that_changes_between_requests_is_fetched_anew(hub: HubServer, url: str, opener: Any) -> None:
    hub.faults.append(Fault("model.safetensors", content=b"old" + WEIGHTS[3:], cut=1_500_000))
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_server_may_not_send_more_than_it_promised(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/model.safetensors"] += b"more"
    assert opener.code(url) == "checksum-mismatch"


def test_what_is_more_than_was_promised_is_not_received(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/model.safetensors"] += bytes(8 << 20)
    seen: list[Progress] = []
    assert opener.code(url, progress=seen.append) == "checksum-mismatch"
    assert len(WEIGHTS) < max(event.loaded for event in seen) <= len(WEIGHTS) + (1 << 20)


def ranges(hub: HubServer) -> list[str]:
    return [request.headers["range"] for request in hub.requests if "range" in request.headers]


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(WEIGHTS) - 1), bit=st.integers(0, 7))
def test_of_a_damaged_file_the_wrong_part_alone_is_fetched(
    hub: HubServer, url: str, opener: Any, place: int, bit: int
) -> None:
    hub.files["/model/parts.json"] = part_list(parts=parts())
    cached = opener(url).path / "model.safetensors"
    damaged = bytearray(WEIGHTS)
    damaged[place] ^= 1 << bit
    cached.write_bytes(damaged)
    hub.requests.clear()
    opener(url)
    assert cached.read_bytes() == WEIGHTS
    start = place - place % PART
    assert ranges(hub) == [f"bytes={start}-{min(start + PART, len(WEIGHTS)) - 1}"]


def test_damage_on_the_way_is_mended_at_once(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/parts.json"] = part_list(parts=parts())
    damaged = WEIGHTS[:PART] + b"X" + WEIGHTS[PART + 1 :]
    hub.faults += [
        Fault("model.safetensors", content=damaged),
        Fault("model.safetensors", content=damaged),
        Fault("model.safetensors", cut=7),
    ]
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS
    assert ranges(hub) == [f"bytes={PART}-{2 * PART - 1}"] * 3
    assert opener.waits == [0.5, 1.0]


def test_parts_from_a_server_without_ranges(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/parts.json"] = part_list(parts=parts())
    cached = opener(url).path / "model.safetensors"
    cached.write_bytes(b"X" + WEIGHTS[1:])
    hub.faults.append(Fault("model.safetensors", times=9, ignores_ranges=True))
    opener(url)
    assert cached.read_bytes() == WEIGHTS


def test_a_cached_file_that_was_cut_goes_on_from_there(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/parts.json"] = part_list(parts=parts())
    cached = opener(url).path / "model.safetensors"
    cached.write_bytes(WEIGHTS[:1_234_567])
    seen: list[Progress] = []
    opener(url, progress=seen.append)
    assert cached.read_bytes() == WEIGHTS
    assert ranges(hub)[-1] == "bytes=1234567-"
    assert {event.kept for event in seen} == {1_234_567}


@pytest.mark.parametrize(
    "change",
    [{"offset": 1}, {"length": 0}, {"length": PART + 1}, {"length": 1 << 30}, {"length": "9"}, {"sha256": "abc"}],
)
@pytest.mark.parametrize("index", [0, 3, -1])
def test_parts_that_lie_are_refused(hub: HubServer, url: str, opener: Any, change: dict[str, Any], index: int) -> None:
    wrong = parts()
    wrong[index] |= change
    hub.files["/model/parts.json"] = part_list(parts=wrong)
    assert opener.code(url) == "part-list-invalid"


@pytest.mark.parametrize("wrong", [parts()[:-1], parts()[1:], "parts", [7], {"offset": 0}])
def test_parts_that_are_not_the_file_are_refused(hub: HubServer, url: str, opener: Any, wrong: object) -> None:
    hub.files["/model/parts.json"] = part_list(parts=wrong)
    assert opener.code(url) == "part-list-invalid"


@pytest.mark.parametrize(
    "change", [{"name": "../../evil"}, {"name": ".hidden"}, {"size": -1}, {"size": "big"}, {"sha256": "abc"}]
)
def test_part_lists_that_lie_are_refused(hub: HubServer, url: str, opener: Any, change: dict[str, Any]) -> None:
    hub.files["/model/parts.json"] = part_list(**change)
    assert opener.code(url) == "part-list-invalid"


def test_a_part_list_too_deep_to_read_is_refused(hub: HubServer, url: str, opener: Any) -> None:
    hub.files["/model/parts.json"] = b"[" * 100_000
    assert opener.code(url) == "part-list-invalid"


def test_unreachable_urls_are_a_sentence(hub: HubServer, opener: Any) -> None:
    assert opener.code(f"{hub.cdn_url}/model") == "download-failed"
    assert opener.code("http://127.0.0.1:1/model") == "no-network"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/a\tb/",
        "http://127.0.0.1:1/a\n",
        "http://127.0.0.1:text/",
        "http:///x/",
        "http://[bad/model",
        "https://",
    ],
)
def test_odd_urls_are_a_sentence(hub: HubServer, url: str, opener: Any) -> None:
    assert opener.code(url) == "url-invalid"


def test_a_server_that_refuses_the_range_is_asked_for_the_whole(hub: HubServer, url: str, opener: Any) -> None:
    hub.faults += [Fault("model.safetensors", cut=1000), Fault("model.safetensors", status=416)]
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS


@pytest.mark.parametrize("content_range", ["bytes 5-9/10", "nonsense"])
def test_a_part_that_was_not_asked_for_is_not_used(hub: HubServer, url: str, opener: Any, content_range: str) -> None:
    reply = f"HTTP/1.1 206 Partial Content\r\nContent-Range: {content_range}\r\nContent-Length: 5\r\n\r\n01234"
    hub.faults += [Fault("model.safetensors", cut=1000), Fault("model.safetensors", raw=reply.encode())]
    assert (opener(url).path / "model.safetensors").read_bytes() == WEIGHTS


CUT_CHUNK = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc"
SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"


OTHER_PART = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n01234"


@pytest.mark.parametrize(
    ("name", "reply", "code"),
    [
        *((name, b"garbage\r\n\r\n", "no-answer") for name in ("parts.json", "model.safetensors")),
        *((name, b"", "no-answer") for name in ("parts.json", "model.safetensors")),
        *((name, CUT_CHUNK, "download-cut-off") for name in ("parts.json", "model.safetensors")),
        *((name, SHORT, "download-short") for name in ("parts.json", "model.safetensors")),
        ("model.safetensors", OTHER_PART, "download-range-wrong"),
    ],
)
def test_broken_replies_are_a_sentence(
    hub: HubServer, url: str, opener: Any, name: str, reply: bytes, code: str
) -> None:
    hub.faults.append(Fault(name, times=100, raw=reply))
    assert opener.code(url) == code


def test_a_weight_file_by_url_brings_its_small_files(hub: HubServer, url: str, opener: Any) -> None:
    folder = opener(f"{url}/model.safetensors?download=true")
    assert folder.name == "model"
    assert {name: (folder.path / name).read_bytes() for name in FILES} == FILES
    asked = hub.paths().count("/model/model.safetensors")
    assert opener(f"{url}/model.safetensors?download=true").path == folder.path
    assert hub.paths().count("/model/model.safetensors") == asked + 1  # its first byte, to learn whether it changed
    hub.files["/model/model.safetensors"] = WEIGHTS[::-1]
    again = opener(f"{url}/model.safetensors?download=true")
    assert (again.path / "model.safetensors").read_bytes() == WEIGHTS[::-1]


def test_a_gguf_file_by_url_in_pieces(hub: HubServer, opener: Any) -> None:
    pieces = ["Toy-00001-of-00002.gguf", "Toy-00002-of-00002.gguf"]
    hub.files |= {f"/x/{name}": name.encode() for name in pieces}
    files = opener(f"{hub.cdn_url}/x/{pieces[0]}").weight_files()
    assert [(file.name, file.path.read_bytes().decode()) for file in files] == [(name, name) for name in pieces]


def test_a_gguf_file_by_url_with_its_tower(hub: HubServer, opener: Any) -> None:
    hub.files |= {"/x/Toy-Q8_0.gguf": WEIGHTS, "/x/mmproj.gguf": b"tower"}
    hub.faults.append(Fault("Toy", times=2, cut=1_500_000))  # the first byte, then the file
    url = f"{hub.cdn_url}/x/Toy-Q8_0.gguf"
    files = opener(url, mmproj="mmproj.gguf").weight_files()
    assert [(file.role, file.path.read_bytes()) for file in files] == [("model", WEIGHTS), ("mmproj", b"tower")]
    assert opener(url, mmproj="mmproj.gguf", offline=True).weight_files() == files
    assert opener.code(url, offline=True) == "not-cached"
    assert opener.code(url, mmproj="../evil.gguf") == "weight-name-invalid"
