"""What the download worker keeps in the browser: through reloads and closed tabs, for other tabs, on full disks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright

from download_site import INSECURE_HOST, WEIGHTS, bare_site, load, own_model, start, stored
from toy_download import DATA, PART, UNTIL_KEPT, is_right, weight_bytes
from unreliable_server import Fault, UnreliableServer

HASTE = {"world": {"haste": 50}}
WITH_FOLDERS = """async () => {
  const { listModels } = await import("/engine/shared/storage.js");
  const ours = await (await navigator.storage.getDirectory()).getDirectoryHandle("tinyvlm");
  const folders = await Promise.all(["parts", "models"].map((name) => ours.getDirectoryHandle(name)));
  for (const folder of folders) await folder.getDirectoryHandle("odd", { create: true });
  const models = await listModels();
  for (const folder of folders) await folder.removeEntry("odd");
  return models;
}"""
REFUSE_LOCKS = """() => {
  navigator.locks.request = async () => { throw new DOMException("denied", "SecurityError"); };
}"""
FAILING_WORK = """async () => {
  const { whileLocked } = await import("/engine/shared/storage.js");
  let times = 0;
  const work = async () => {
    times++;
    throw new Error("torn");
  };
  const message = await whileLocked("x", work).then(() => "done", (error) => error.message);
  return { times, message };
}"""


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    """The site, and the model "toy" in parts of 20 kB."""
    with UnreliableServer(own_model(DATA, PART)) as server:
        yield server


def test_without_opfs_few_parts_are_fetched_ahead(tab: Page, server: UnreliableServer) -> None:
    start(tab, server, {"take": 2, "world": {"opfs": False}})
    server.wait_until_sent(WEIGHTS, 8 * PART)
    assert is_right(load(tab, server, {"world": {"opfs": False}}))
    assert weight_bytes(server) == 8 * PART + len(DATA), "two were taken, and six are held"
    assert tab.evaluate("window.download.seen.notices") == ["storage-missing"]
    assert stored(tab, "listModels") == []


def test_what_arrives_is_kept_where_locks_are_refused(tab: Page, server: UnreliableServer) -> None:
    """As Chromium refuses them to a page whose cookies are blocked; the page itself reads and deletes there as well."""
    for _ in range(2):
        result = load(tab, server, {"world": {"locks": False}})
        assert (is_right(result), result["notices"]) == (True, [])
    assert weight_bytes(server) == len(DATA), "nothing is sent a second time"
    tab.evaluate(REFUSE_LOCKS)
    [model] = stored(tab, "listModels")
    assert (model["name"], model["complete"]) == ("toy", True)
    stored(tab, "deleteModel", model["id"])
    assert stored(tab, "listModels") == []


def test_work_that_fails_under_its_lock_is_not_done_again(tab: Page) -> None:
    assert tab.evaluate(FAILING_WORK) == {"times": 1, "message": "torn"}


def test_a_reload_goes_on_in_the_middle_of_a_part(tab: Page, server: UnreliableServer) -> None:
    server.faults = [Fault(WEIGHTS, cut=9_000, stalls=True)]
    start(tab, server)
    server.wait_until_sent(WEIGHTS, 9_000)
    tab.evaluate(UNTIL_KEPT, 9_000)
    tab.reload()
    assert is_right(load(tab, server))
    assert weight_bytes(server) == len(DATA)
    starts = [request.range[0] for request in server.requests if request.path == WEIGHTS and request.range]
    assert 9_000 in starts


def test_two_tabs_download_once(profile: BrowserContext, tab: Page, server: UnreliableServer) -> None:
    server.rate = 400_000
    other = profile.new_page()
    other.goto(tab.url)
    start(tab, server)
    start(other, server)
    for page in (tab, other):
        assert is_right(page.evaluate("window.download.finished"))
    assert weight_bytes(server) == len(DATA)
    other.close()


def test_a_tab_that_dies_leaves_the_rest_to_the_other(
    profile: BrowserContext, tab: Page, server: UnreliableServer
) -> None:
    server.faults = [Fault(WEIGHTS, cut=9_000, stalls=True)]
    first = profile.new_page()
    first.goto(tab.url)
    start(first, server)
    first.evaluate(UNTIL_KEPT, 9_000)
    start(tab, server)
    first.close()
    assert is_right(tab.evaluate("window.download.finished"))
    assert weight_bytes(server) == len(DATA)


def test_the_browser_is_closed_and_opened_again(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path: Path, server: UnreliableServer
) -> None:
    site = bare_site(server)
    server.faults = [Fault(WEIGHTS, cut=9_000, stalls=True)]
    for visit in range(2):
        context = playwright.chromium.launch_persistent_context(tmp_path, **browser_type_launch_args)
        page = context.new_page()
        page.goto(site.url)
        start(page, server)
        if visit == 0:
            page.evaluate(UNTIL_KEPT, 9_000)
        else:
            assert is_right(page.evaluate("window.download.finished"))
        context.close()
    assert weight_bytes(server) == len(DATA)
    site.close()


def test_a_visit_without_a_network(tab: Page, server: UnreliableServer) -> None:
    """Everything but site.json, which the service worker keeps."""
    server.files["/x/toy.gguf"] = DATA
    url = f"{server.url}x/toy.gguf"
    assert is_right(load(tab, server))
    assert is_right(load(tab, server, model=url))
    server.faults = [Fault("/models/", 999, status=503), Fault("/x/", 999, status=503)]
    sent = dict(server.sent)
    for options in ({}, {"model": url}):
        result = load(tab, server, **options)
        assert is_right(result)
        assert len(server.paths()) > 0
    assert result["models"][0]["weights"][0]["kind"] == "gguf"
    assert (server.sent.get(WEIGHTS), server.sent["/x/toy.gguf"]) == (sent[WEIGHTS], sent["/x/toy.gguf"])


def test_folders_among_what_is_kept_are_passed_over(tab: Page, server: UnreliableServer) -> None:
    assert is_right(load(tab, server))
    listed = stored(tab, "listModels")
    assert tab.evaluate(WITH_FOLDERS) == listed != []


def test_kept_models_are_listed_and_deleted(tab: Page, server: UnreliableServer) -> None:
    server.files["/x/toy.gguf"] = DATA
    server.faults = [Fault(WEIGHTS, cut=9_000, stalls=True)]
    start(tab, server)
    tab.evaluate(UNTIL_KEPT, 9_000)
    tab.evaluate("window.download.end()")
    assert is_right(load(tab, server, model=f"{server.url}x/toy.gguf"))
    other, toy = sorted(stored(tab, "listModels"), key=lambda model: model["complete"], reverse=True)
    assert (other["name"], other["complete"], other["bytes"]) == ("toy", True, len(DATA))
    assert (toy["name"], toy["complete"], toy["bytes"] < PART) == ("toy", False, True)
    assert {other["source"], toy["source"]} == {f"{server.url}x/toy.gguf", f"{server.url}models/toy/"}
    stored(tab, "deleteModel", toy["id"])
    assert [model["id"] for model in stored(tab, "listModels")] == [other["id"]]
    stored(tab, "deleteAll")
    assert stored(tab, "listModels") == []
    assert stored(tab, "usage")["quota"] > 0


def test_no_room_at_all(profile: BrowserContext, tab: Page, server: UnreliableServer) -> None:
    """Slow enough for parts to come out of turn, as several are asked for at a time; each comes once."""
    server.rate = 200_000
    session = profile.new_cdp_session(tab)
    origin = tab.evaluate("location.origin")
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 100_000})
    result = load(tab, server)
    assert (is_right(result), result["notices"]) == (True, ["storage-full"])
    assert weight_bytes(server) == len(DATA)
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin})


def test_a_disk_that_fills_up_on_the_way(profile: BrowserContext, tab: Page, server: UnreliableServer) -> None:
    session = profile.new_cdp_session(tab)
    origin = tab.evaluate("location.origin")
    server.rate = 200_000
    start(tab, server)
    server.wait_until_sent(WEIGHTS, 3 * PART)
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 3 * PART})
    result = tab.evaluate("window.download.finished")
    assert (is_right(result), result["notices"]) == (True, ["storage-full"])
    session.send("Storage.overrideQuotaForOrigin", {"origin": origin})


def test_a_page_that_the_browser_does_not_trust(profile: BrowserContext, server: UnreliableServer) -> None:
    """Plain http on another host: no crypto.subtle, no OPFS; the kernels do the hashing."""
    site = bare_site(server)
    page = profile.new_page()
    page.goto(site.url.replace("127.0.0.1", INSECURE_HOST))
    server.flips = {(WEIGHTS, 5), (WEIGHTS, 2 * PART)}
    result = load(page, server)
    assert result["hashes"] == [",".join(map(str, DATA))]
    assert result["notices"] == ["storage-missing"]
    assert weight_bytes(server) == len(DATA) + 2 * PART
    page.close()
    site.close()
