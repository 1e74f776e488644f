"""The download worker against servers that break: what arrives is right and in order, or there is a sentence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from download_site import (
    PART_LIST,
    WEIGHTS,
    bare_site,
    load,
    own_model,
    page_files,
    random_bytes,
    sha256,
    start,
    stored,
)
from hub_server import Fault as HubFault
from hub_server import HubServer, Repository
from toy_download import DATA, PART, UNTIL_KEPT, is_right, weight_bytes
from unreliable_server import Fault, UnreliableServer

LARGE = random_bytes(13, 20_000_000)
OTHER = random_bytes(4, len(DATA))
HASTE = {"world": {"haste": 50}}
UNHURRIED = {"world": {"haste": 5}}
"""A stalled request is given up after four seconds: a busy machine needs some for what the test does meanwhile."""
HANDED_ON = "() => window.download.seen.parts.length > 0 || Boolean(window.result)"
SHARDS = {"a-00001-of-00002.safetensors": 9_000_000, "a-00002-of-00002.safetensors": 17_000_000}
DROPPED = """async ([sizes, play]) => {
  const { load } = await import("/download_lead.js");
  const shards = Object.entries(sizes).map(([name, size]) => new File([new Uint8Array(size).fill(7)], name));
  const index = JSON.stringify({ weight_map: Object.fromEntries(shards.map(({ name }, i) => [`w${i}`, name])) });
  const texts = [new File([index], "model.safetensors.index.json"), new File(["{}"], "config.json")];
  return load({ site: new URL("/site.json", location).href, files: [...shards, ...texts] }, play).finished;
}"""


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    """The site, and the model "toy" in parts of 20 kB."""
    with UnreliableServer(own_model(DATA, PART)) as server:
        yield server


@pytest.fixture
def own_tab(profile: BrowserContext) -> Iterator[tuple[Page, UnreliableServer]]:
    """The bare page, from the very server that has the model."""
    files = {f"/{name}": data if isinstance(data, bytes) else data.read_bytes() for name, data in page_files().items()}
    with UnreliableServer({**own_model(DATA, PART), **files}) as server:
        page = profile.new_page()
        page.goto(f"{server.url}index.html")
        yield page, server
        page.close()


def test_a_model_arrives_in_order_and_then_from_the_disk(tab: Page, server: UnreliableServer) -> None:
    result = load(tab, server)
    assert is_right(result)
    assert [offset for _, offset, _ in result["parts"]] == list(range(0, len(DATA), PART))
    [model] = result["models"]
    assert (model["name"], model["own"]) == ("toy", True)
    assert model["texts"]["config.json"] == server.files["/models/toy/config.json"].decode()
    assert model["weights"] == [{"name": "model.safetensors", "kind": "safetensors", "size": len(DATA)}]
    assert weight_bytes(server) == len(DATA)
    again = load(tab, server)
    assert is_right(again)
    assert weight_bytes(server) == len(DATA), "nothing is sent a second time"
    assert server.paths().count("/models/toy/config.json") == 1
    assert again["progress"][-1]["kept"] == len(DATA)


def test_few_parts_are_out_at_a_time(tab: Page, server: UnreliableServer) -> None:
    """The lead takes two and no more: four wait with it, and the rest goes to the disk all the same."""
    start(tab, server, {"take": 2})
    tab.evaluate(UNTIL_KEPT, len(DATA))
    assert tab.evaluate("window.download.seen.untaken") <= 4
    assert len(tab.evaluate("window.download.seen.parts")) <= 6
    assert load(tab, server)["untaken"] <= 4


def test_each_files_beginning_comes_first(own_tab: tuple[Page, UnreliableServer]) -> None:
    """Dropped files are not kept, and only a few parts of them are read ahead."""
    page, _ = own_tab
    result = page.evaluate(DROPPED, [SHARDS, {}])
    part = 1 << 23
    order = [(file, offset // part) for file, offset, _ in result["parts"]]
    assert order == [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2)]
    assert result["hashes"] == [sha256(b"\7" * size) for size in SHARDS.values()]
    assert (result["notices"], stored(page, "listModels")) == ([], [])


def test_progress_is_even(tab: Page, server: UnreliableServer) -> None:
    server.rate = 200_000
    server.flips = {(WEIGHTS, 3 * PART + 5)}
    progress = load(tab, server)["progress"]
    loaded = [one["loaded"] for one in progress]
    assert loaded == sorted(loaded), "never backwards, though a part was fetched again"
    assert len({one["loaded"] for one in progress}) > 5
    assert {one["total"] for one in progress} == {len(DATA)}
    assert [one["done"] for one in progress[-2:]] == [False, True]
    assert loaded[-1] == len(DATA)
    told = [one for one in progress if one["speed"]]
    assert told
    assert all(one["remaining_s"] is not None for one in told)


def test_a_dead_connection_is_noticed(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, cut=100, stalls=True), Fault(WEIGHTS, stalls=True, cut=0)]
    assert is_right(load(tab, server, HASTE))
    assert weight_bytes(server) == len(DATA)


def test_one_request_until_it_is_known_what_the_network_takes(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, cut=0, stalls=True)]
    assert is_right(load(tab, server, HASTE))
    first, second = [request.range for request in server.requests if request.path == WEIGHTS][:2]
    assert first == second == (0, PART)


def test_several_requests_at_a_time_where_that_is_faster(tab: Page, server: UnreliableServer) -> None:
    """As each connection has a rate of its own. A part takes 0.4 s: a busy page needs less to ask for the next."""
    server.rate = 50_000
    assert is_right(load(tab, server))
    requests = [request for request in server.requests if request.path == WEIGHTS]
    assert len(requests) == len(range(0, len(DATA), PART)), "none is broken off"
    assert any(request.sent < index * PART for index, request in enumerate(requests))


def test_a_server_without_ranges(tab: Page, server: UnreliableServer) -> None:
    """One reply is read through; after a break, what is there is passed over."""
    server.faults = [Fault(WEIGHTS, cut=50_000, ignores_ranges=True), Fault(WEIGHTS, 99, ignores_ranges=True)]
    assert is_right(load(tab, server, HASTE))
    assert server.paths().count(WEIGHTS) == 2


def test_a_server_without_ranges_that_never_gets_on(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, 999, cut=10_000, ignores_ranges=True)]
    result = load(tab, server, HASTE)
    assert result["error"]["code"] == "model-download-failed"
    assert result["error"]["message"].endswith(".")


def test_errors_that_pass(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, 3, status=500), Fault(WEIGHTS, 2, cut=10), Fault("config.json", status=503)]
    assert is_right(load(tab, server, HASTE))
    assert weight_bytes(server) <= len(DATA) + 20, "some of what came with the break may be lost"


def test_a_server_that_asks_to_slow_down_is_obeyed(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, status=429, headers={"Retry-After": "1"})]
    assert is_right(load(tab, server))
    first, second = [request.time for request in server.requests if request.path == WEIGHTS][:2]
    assert second - first >= 0.9


@pytest.mark.parametrize("status", [404, 500, 429])
def test_errors_that_stay(tab: Page, server: UnreliableServer, status: int) -> None:
    server.faults = [Fault(WEIGHTS, 999, status=status)]
    error = load(tab, server, HASTE)["error"]
    assert error["code"] == "model-download-failed"
    assert error["message"].endswith(".")


def test_a_server_that_is_gone(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, cut=100, stalls=True)]
    start(tab, server, {"world": {"haste": 20}})
    server.wait_until_sent(WEIGHTS, 100)
    server.kill()
    assert tab.evaluate("window.download.finished")["error"]["code"] == "model-download-failed"
    server.restart()


def test_a_model_that_changes_between_visits(tab: Page, server: UnreliableServer) -> None:
    assert is_right(load(tab, server))
    [before] = stored(tab, "listModels")
    server.files |= own_model(OTHER, PART)
    assert is_right(load(tab, server), OTHER)
    [after] = stored(tab, "listModels")
    assert after["id"] != before["id"]
    assert after["complete"]
    keys = tab.evaluate("""async () => {
      const { partsFolder } = await import("/engine/shared/storage.js");
      return Array.fromAsync((await partsFolder()).keys());
    }""")
    assert len(keys) == 11 + 2, "the older version's parts are gone"


def test_a_model_that_changes_after_its_list_was_read(tab: Page, server: UnreliableServer) -> None:
    """The list is read, then both change: begun again, as nothing was handed on."""
    server.faults = [Fault(WEIGHTS, cut=0, stalls=True)]
    start(tab, server, HASTE)
    while WEIGHTS not in server.paths():
        tab.evaluate("() => fetch('/index.html').then(() => null)")
    server.files |= own_model(OTHER, PART)
    result = tab.evaluate("window.download.finished")
    assert is_right(result, OTHER)
    assert len(result["models"]) == 2


def test_a_model_that_changes_too_late(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS), Fault(WEIGHTS, cut=0, stalls=True)]
    start(tab, server, UNHURRIED)
    while server.paths().count(WEIGHTS) < 2 or not tab.evaluate(HANDED_ON):
        tab.evaluate("() => fetch('/index.html').then(() => null)")
    server.files |= own_model(OTHER, PART)
    error = tab.evaluate("window.download.finished")["error"]
    assert error["code"] == "checksum-mismatch"
    assert is_right(load(tab, server), OTHER)


def test_a_file_by_url_that_changes_is_not_mixed(own_tab: tuple[Page, UnreliableServer]) -> None:
    """Same size, no hashes: the ETag tells; with If-Range, as it is the page's own host."""
    page, server = own_tab
    server.files |= {"/x/toy.gguf": random_bytes(5, 20_000_000)}
    changed = random_bytes(6, 20_000_000)
    server.faults = [Fault("/x/toy.gguf", 2), Fault("/x/toy.gguf", cut=0, stalls=True)]
    start(page, server, UNHURRIED, model=f"{server.url}x/toy.gguf")
    while server.paths().count("/x/toy.gguf") < 3 or not page.evaluate(HANDED_ON):
        page.evaluate("() => fetch('/index.html').then(() => null)")
    server.files["/x/toy.gguf"] = changed
    error = page.evaluate("window.download.finished")["error"]
    assert error["code"] == "checksum-mismatch"
    assert any("if-range" in request.headers for request in server.requests)
    assert load(page, server, model=f"{server.url}x/toy.gguf")["hashes"] == [sha256(changed)]
    sent = server.sent["/x/toy.gguf"]
    assert load(page, server, model=f"{server.url}x/toy.gguf")["hashes"] == [sha256(changed)]
    assert server.sent["/x/toy.gguf"] == sent + 1, "kept; one byte tells its version"


def test_a_file_whose_versions_cannot_be_told_apart_is_not_kept(tab: Page, server: UnreliableServer) -> None:
    server.tells_versions = False
    server.files["/x/toy.gguf"] = DATA
    for _ in range(2):
        result = load(tab, server, model=f"{server.url}x/toy.gguf")
        assert (is_right(result), result["notices"]) == (True, ["not-kept"])
    assert stored(tab, "listModels") == []


def test_redirects_to_another_origin(own_tab: tuple[Page, UnreliableServer]) -> None:
    page, server = own_tab
    with UnreliableServer({WEIGHTS: DATA}) as elsewhere:
        server.redirects[WEIGHTS] = elsewhere.url.rstrip("/") + WEIGHTS
        assert is_right(load(page, server))
        assert elsewhere.sent[WEIGHTS] == len(DATA)
        assert not any(path.startswith("preflight") for path in elsewhere.paths())


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub with a repository of three parts."""
    with HubServer() as hub:
        hub.repositories["owner/toy"] = Repository({"config.json": b"{}", "model.safetensors": LARGE})
        yield hub


def test_a_repository_is_kept(profile: BrowserContext, server: UnreliableServer, hub: HubServer) -> None:
    """From the hub through its network's redirect; the second time without either."""
    site = bare_site(server, hub)
    page = profile.new_page()
    page.goto(site.url)
    result = load(page, server, model="owner/toy", hub=hub.url)
    assert is_right(result, LARGE)
    assert not any(request.method == "OPTIONS" for request in hub.requests)
    assert (result["models"][0]["own"], result["models"][0]["texts"]) == (False, {"config.json": "{}"})
    faults = [
        *(HubFault("/api/models", status=status) for status in (401, 403, 404, 429, 500, 503)),
        HubFault("/api/models", content=b"<!doctype html><title>Welcome to our hotel</title>"),
    ]
    for fault in faults:
        hub.faults = [fault]
        assert is_right(load(page, server, model="owner/toy", hub=hub.url), LARGE), fault
    hub.tokens.clear()
    assert is_right(load(page, server, model="owner/toy", hub=hub.url, token="hf_expired"), LARGE)
    hub.close()
    assert is_right(load(page, server, model="owner/toy", hub=hub.url), LARGE)
    [model] = stored(page, "listModels")
    assert (model["name"], model["source"], model["complete"]) == ("owner/toy", "owner/toy", True)
    page.close()
    site.close()


def test_the_parts_of_a_gated_repository_come_with_the_token(
    profile: BrowserContext, server: UnreliableServer, hub: HubServer
) -> None:
    hub.repositories["owner/toy"].gated = True
    site = bare_site(server, hub)
    page = profile.new_page()
    page.goto(site.url)
    assert is_right(load(page, server, model="owner/toy", hub=hub.url, token="hf_good"), LARGE)
    assert {request.server for request in hub.requests if "authorization" in request.headers} == {"hub"}
    assert len(hub.paths("cdn")) >= 3
    page.close()
    site.close()


def test_a_repositorys_file_without_its_hash_is_refused(
    profile: BrowserContext, server: UnreliableServer, hub: HubServer
) -> None:
    """Which part is wrong cannot be told, so the next load begins again."""
    site = bare_site(server, hub)
    page = profile.new_page()
    page.goto(site.url)
    wrong = LARGE[:9_000_000] + bytes([LARGE[9_000_000] ^ 1]) + LARGE[9_000_001:]
    hub.faults = [HubFault("/blobs/", 3, "cdn", content=wrong)]
    assert load(page, server, model="owner/toy", hub=hub.url)["error"]["code"] == "checksum-mismatch"
    assert is_right(load(page, server, model="owner/toy", hub=hub.url), LARGE)
    page.close()
    site.close()


def test_a_network_that_goes_away_and_comes_back(profile: BrowserContext, tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, cut=9_000, stalls=True)]
    start(tab, server)
    tab.evaluate(UNTIL_KEPT, 9_000)
    profile.set_offline(True)
    server.drop()
    tab.evaluate("""async () => {
      while (!window.download.seen.notices.length) await new Promise((next) => setTimeout(next));
    }""")
    profile.set_offline(False)
    result = tab.evaluate("window.download.finished")
    assert (is_right(result), result["notices"]) == (True, ["connection-lost"])


def test_connections_follow_the_speed(tab: Page) -> None:
    """More while that helps, back where it does not, fewer after a failure; by a clock of the test's own."""
    limits = tab.evaluate("""async () => {
      const { RequestLimit } = await import("/engine/download/request_limit.js");
      const limitsAt = (speedOf) => {
        let now = 0;
        const connections = new RequestLimit(() => now);
        const limits = [];
        for (let step = 0; step < 8; step++) {
          const opened = connections.limit;
          for (let i = 0; i < opened; i++) connections.open();
          now += 300;
          connections.received(speedOf(opened));
          for (let i = 0; i < opened; i++) connections.close();
          limits.push(connections.limit);
        }
        connections.failed();
        return [...limits, connections.limit];
      };
      return [limitsAt((count) => 1000 * count), limitsAt(() => 1000), limitsAt((count) => 1000 * Math.min(count, 3))];
    }""")
    assert limits == [[2, 3, 4, 5, 6, 6, 6, 6, 3], [2, 1, 1, 1, 1, 1, 1, 1, 1], [2, 3, 4, 3, 3, 3, 3, 3, 1]]


BAD_LISTS: dict[str, Any] = {
    "no list": None,
    "another format": {"format": 2},
    "no files": {"files": []},
    "a gap": {"parts": [[0, 10], [11, 9]]},
    "an overlap": {"parts": [[0, 10], [9, 11]]},
    "too short": {"parts": [[0, 10]]},
    "too long": {"parts": [[0, 21]]},
    "an empty part": {"parts": [[0, 0], [0, 20]]},
    "a part that is too large": {"size": 2**24, "parts": [[0, 2**24]]},
    "too many parts": {"size": 5000, "parts": [[at, 1] for at in range(5000)]},
    "a wrong hash": {"sha256": "xyz"},
    "a hash in a list": {"sha256": ["0" * 64]},
    "a negative size": {"size": -1, "parts": []},
    "a name that leads away": {"name": "../model.safetensors"},
    "parts that are none": {"parts": 5},
    "a file that is none": {"files": [None]},
    "the same file twice": {"twice": True},
}


@pytest.mark.parametrize("name", BAD_LISTS)
def test_a_wrong_list_is_refused(tab: Page, server: UnreliableServer, name: str) -> None:
    change = BAD_LISTS[name]
    file = {"name": "model.safetensors", "size": 20, "sha256": "0" * 64, "parts": [[0, 20]]}
    file |= {key: value for key, value in (change or {}).items() if key in file}
    if isinstance(file["parts"], list):
        file["parts"] = [{"offset": at, "length": length, "sha256": "0" * 64} for at, length in file["parts"]]
    files = (change or {}).get("files", [file, file] if (change or {}).get("twice") else [file])
    content = {"format": (change or {}).get("format", 1), "files": files}
    server.files[PART_LIST] = b"<html>" if change is None else json.dumps(content).encode()
    error = load(tab, server)["error"]
    assert error["code"] == "part-list-invalid"
    assert error["message"].endswith(".")
    assert WEIGHTS not in server.paths()


def test_a_list_that_the_site_does_not_vouch_for(tab: Page, server: UnreliableServer) -> None:
    server.files |= own_model(DATA, PART, listed=True)
    assert is_right(load(tab, server))
    server.files[PART_LIST] = own_model(OTHER, PART)[PART_LIST]
    assert load(tab, server)["error"]["code"] == "checksum-mismatch"
