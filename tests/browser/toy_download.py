"""The model "toy" of the tests of downloads, in parts of 20 kB, and what is asked of how it came."""

from __future__ import annotations

from typing import Any

from download_site import WEIGHTS, random_bytes, sha256
from unreliable_server import UnreliableServer

PART = 20_000
DATA = random_bytes(1, 10 * PART + 123)
UNTIL_KEPT = """async (bytes) => {
  const { listModels } = await import("/engine/shared/storage.js");
  while (((await listModels())[0]?.bytes ?? 0) < bytes) await new Promise((next) => setTimeout(next));
}"""


def is_right(result: dict[str, Any], data: bytes = DATA) -> bool:
    """Whether all came, each byte once, and is what it should be."""
    assert result["type"] == "end", result.get("error")
    sizes = [[length for file, _, length in result["parts"] if file == index] for index in range(len(result["hashes"]))]
    return result["hashes"] == [sha256(data)] and [sum(lengths) for lengths in sizes] == [len(data)]


def weight_bytes(server: UnreliableServer) -> int:
    return server.sent.get(WEIGHTS, 0)
