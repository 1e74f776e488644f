"""Parts of a later stage leave the network to earlier ones, however many requests run at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from download_site import PART_LIST, WEIGHTS, load, own_model, random_bytes
from unreliable_server import UnreliableServer

PART, PARTS = 60_000, 40
STAGE_END = PART * 22
RATE = 200_000
"""Bytes a second and connection, so that further connections make the whole faster."""


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    """A model of two stages."""
    files = own_model(random_bytes(17, PART * PARTS), PART)
    parts = json.loads(files[PART_LIST])
    for part in parts["files"][-1]["parts"]:
        part["stage"] = int(part["offset"] >= STAGE_END)
    files[PART_LIST] = json.dumps(parts).encode()
    with UnreliableServer(files) as server:
        server.rate = RATE
        yield server


def test_a_stage_waits_for_the_one_before(tab: Page, server: UnreliableServer) -> None:
    assert load(tab, server)["type"] == "end"
    asked = [
        (request.range[0], request.sent) for request in server.requests if request.path == WEIGHTS and request.range
    ]
    assert any(sent < start < STAGE_END for start, sent in asked)  # several at a time
    later = [sent for start, sent in asked if start >= STAGE_END]
    assert len(later) == PARTS - 22
    assert min(later) == STAGE_END
