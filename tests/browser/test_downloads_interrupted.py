"""Two hundred interruptions of one download: the page killed, connections dropped, the server gone and back again."""

from __future__ import annotations

import contextlib
import random

from playwright.sync_api import BrowserContext, Error, Page

from download_site import WEIGHTS, bare_site, own_model, random_bytes, sha256, start
from unreliable_server import UnreliableServer

SIZE, PART = 35_000_000, 1 << 23
INTERRUPTIONS = 200
MOST_SENT = 1.1
RATE = 1_500_000
"""Bytes a second: what is on its way when a page dies was sent for nothing."""


class Visitor:
    """Someone who opens the page again whenever it is gone."""

    def __init__(self, context: BrowserContext, url: str, server: UnreliableServer) -> None:
        self.context, self.url, self.server = context, url, server
        self.page = self.visit()

    def visit(self) -> Page:
        page = self.context.new_page()
        page.goto(self.url)
        start(page, self.server)
        return page

    def close(self) -> None:
        """Close the tab."""
        self.page.close()
        self.page = self.visit()

    def reload(self) -> None:
        """Reload the tab."""
        self.page.reload()
        start(self.page, self.server)

    def crash(self) -> None:
        """Kill the tab's process."""
        with contextlib.suppress(Error):  # that it has crashed
            self.page.goto("chrome://crash")
        self.close()


def test_two_hundred_interruptions(profile: BrowserContext) -> None:
    data = random_bytes(2, SIZE)
    chance = random.Random(3)
    with UnreliableServer(own_model(data, PART)) as server:
        server.rate = RATE
        site = bare_site(server)
        visitor = Visitor(profile, site.url, server)

        def restart_server() -> None:
            server.kill()
            server.restart()

        def kill_page() -> None:
            chance.choice([visitor.close, visitor.reload, visitor.crash])()

        kinds = [kill_page, server.drop, restart_server]
        for at in sorted(chance.sample(range(int(SIZE * 0.98)), INTERRUPTIONS)):
            # Each hits a download that has got on since the one before.
            server.wait_until_sent(WEIGHTS, max(at, server.sent.get(WEIGHTS, 0) + 1))
            chance.choice(kinds)()
        result = visitor.page.evaluate("window.download.finished")
        ratio = server.sent[WEIGHTS] / SIZE
        assert result["hashes"] == [sha256(data)], result
        print(f"sent {ratio:.4f} times the model's bytes in {server.paths().count(WEIGHTS)} requests")
        assert ratio <= MOST_SENT
        visitor.page.close()
        site.close()
