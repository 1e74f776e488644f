"""A download that is paused on the page goes on from what came, with the real engine and a slow hub."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from hub_server import Fault, HubServer, Repository
from public_model import with_unused_tensor
from website.site_files import SiteFiles
from website.site_server import CONNECT_SOURCES, SiteServer

NAME = "owner/large"
MEGABYTES = 24
RATE = 2_000_000
SLOW = Fault("", times=10**6, server="cdn", rate=RATE)

NOTE_KEPT = """() => {
  window.kept = 0;
  window.tinyvlm.addEventListener("progress", ({ detail: { step, kept = 0 } }) => {
    if (step === "model") window.kept = Math.max(window.kept, kept);
  });
}"""
READY = "async () => (await window.tinyvlm.ready).id"


def test_a_pause_gives_the_model_before_and_resuming_the_rest(page: Page, site_files: SiteFiles) -> None:
    with HubServer() as hub:
        hub.repositories[NAME] = Repository(with_unused_tensor(MEGABYTES * 10**6))
        hub.faults.append(SLOW)
        server = SiteServer(site_files, connect=f"{CONNECT_SOURCES} {hub.url} {hub.cdn_url}").start()
        page.goto(f"{server.url}?hub={hub.url}")
        own = page.evaluate(READY)
        page.locator("#model-button").click()
        page.locator("#model-source").fill(NAME)
        page.locator("#model-get").click()
        model = page.locator("#progress [data-step=model] .details")
        expect(model).to_contain_text("MB/s")
        page.locator("#progress").get_by_role("button", name="Pause").click()
        expect(page.locator(".notice")).to_contain_text(f"The download of {NAME} is paused")
        assert page.evaluate(READY) == own
        expect(page.locator("#model-button")).to_contain_text("Tiny-VLM")
        page.evaluate(NOTE_KEPT)
        hub.faults.clear()
        page.locator(".notice").get_by_role("button", name="Go on").click()
        assert page.evaluate(READY) == NAME
        assert page.evaluate("() => window.kept") > RATE // 4
        server.close()
