"""A thousand single-byte corruptions, on the network and on the disk: each is found, and that piece fetched again."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import BrowserContext, Page

from download_site import KERNELS, PART_LIST, ROOT, bare_site, load, own_model, random_bytes, sha256, stored
from tinyvlm.hub.open import DEFAULT_MODEL
from unreliable_server import UnreliableServer

LOADS, AT_A_TIME = 50, 10
PART = 2000
FLIP = """async (flips) => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("tinyvlm");
  for (const [folder, name, at, bit] of flips) {
    const handle = await (await root.getDirectoryHandle(folder)).getFileHandle(name);
    const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
    bytes[at] ^= 1 << bit;
    const writable = await handle.createWritable();
    await writable.write(bytes);
    await writable.close();
  }
}"""
MANIFEST_SIZE = """async () => {
  const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("tinyvlm");
  const models = await root.getDirectoryHandle("models");
  for await (const [name, handle] of models.entries()) return [name, (await handle.getFile()).size];
}"""


class Piece(NamedTuple):
    """What is verified as one: a part of the weights, or a small file."""

    path: str
    offset: int
    length: int
    sha256: str


def pieces_of(files: dict[str, bytes], part_list: str) -> list[Piece]:
    """What a part list names."""
    folder, pieces = part_list.rpartition("/")[0], []
    for file in json.loads(files[part_list])["files"]:
        path = f"{folder}/{file['name']}"
        parts = file.get("parts", [{"offset": 0, "length": file["size"], "sha256": file["sha256"]}])
        pieces += [Piece(path, part["offset"], part["length"], part["sha256"]) for part in parts]
    return pieces


def asked(server: UnreliableServer) -> Counter[tuple[str, int]]:
    """How often each piece was asked for since the last time."""
    requests = [(request.path, request.range[0] if request.range else 0) for request in server.requests]
    server.requests.clear()
    return Counter(requests)


@pytest.fixture
def server() -> Iterator[UnreliableServer]:
    """A model of twenty small parts, whose list the site vouches for."""
    with UnreliableServer(own_model(random_bytes(7, 20 * PART), PART, listed=True)) as server:
        yield server


def assert_right(result: dict[str, Any], server: UnreliableServer, folder: str = "/models/toy/") -> None:
    """The very files, whatever was damaged on the way."""
    assert result["type"] == "end", result.get("error")
    [model] = result["models"]
    assert result["hashes"] == [sha256(server.files[f"{folder}model.safetensors"])]
    assert model["texts"] == {name: server.files[folder + name].decode() for name in model["texts"]}


def test_corruption_on_the_network(tab: Page, server: UnreliableServer) -> None:
    chance, pieces = random.Random(8), pieces_of(server.files, PART_LIST)
    pieces.append(Piece(PART_LIST, 0, len(server.files[PART_LIST]), ""))
    for _ in range(LOADS):
        stored(tab, "deleteAll")
        chosen = chance.sample(pieces, AT_A_TIME)
        server.flips = {(piece.path, piece.offset + chance.randrange(piece.length)) for piece in chosen}
        server.requests.clear()
        assert_right(load(tab, server), server)
        assert not server.flips, "all were sent"
        expected = {(piece.path, piece.offset): 1 + (piece in chosen) for piece in pieces}
        assert asked(server) == {**expected, ("/site.json", 0): 1}


def test_corruption_of_what_is_kept(tab: Page, server: UnreliableServer) -> None:
    chance, pieces = random.Random(9), pieces_of(server.files, PART_LIST)
    stored(tab, "deleteAll")
    assert_right(load(tab, server), server)
    for _ in range(LOADS):
        name, size = tab.evaluate(MANIFEST_SIZE)
        chosen = chance.sample(pieces, AT_A_TIME - 1)
        flips = [["parts", piece.sha256, chance.randrange(piece.length), chance.randrange(8)] for piece in chosen]
        tab.evaluate(FLIP, [*flips, ["models", name, chance.randrange(size), chance.randrange(8)]])
        server.requests.clear()
        assert_right(load(tab, server), server)
        expected = {(piece.path, piece.offset): 1 for piece in chosen}
        assert asked(server) == {**expected, ("/site.json", 0): 1, (PART_LIST, 0): 1}
    [model] = stored(tab, "listModels")
    assert model["complete"]


def test_corruption_of_a_published_file_is_found(tab: Page, server: UnreliableServer) -> None:
    """No hashes but those of the first visit: they tell which part has changed on the disk."""
    data = random_bytes(10, 20_000_000)
    server.files["/x/toy.gguf"] = data
    url, chance = f"{server.url}x/toy.gguf", random.Random(11)
    assert load(tab, server, model=url)["hashes"] == [sha256(data)]
    keys = tab.evaluate("""async () => {
      const { readManifests } = await import("/engine/shared/storage.js");
      const manifest = (await readManifests()).find(({ source }) => source.endsWith("toy.gguf"));
      return manifest.weights[0].parts.map(({ key, length }) => [key, length]);
    }""")
    for index, (key, length) in enumerate(keys):
        tab.evaluate(FLIP, [["parts", key, chance.randrange(length), chance.randrange(8)]])
        server.requests.clear()
        assert load(tab, server, model=url)["hashes"] == [sha256(data)]
        assert asked(server)["/x/toy.gguf", index << 23] == (2 if index == 0 else 1), "the first byte tells the version"


def test_corruption_of_the_bundled_model(profile: BrowserContext) -> None:
    folder = f"/models/{DEFAULT_MODEL}/"
    paths = (ROOT / "web/models" / DEFAULT_MODEL).glob("*")
    site = {"models": [DEFAULT_MODEL], "default_model": DEFAULT_MODEL, "kernels": {"simd128": "kernels/simd128.wasm"}}
    files = {"/site.json": json.dumps(site).encode(), "/kernels/simd128.wasm": KERNELS.read_bytes()}
    files |= {folder + path.name: path.read_bytes() for path in paths}
    chance, pieces = random.Random(12), pieces_of(files, f"{folder}parts.json")
    with UnreliableServer(files) as server:
        bare = bare_site(server)
        page = profile.new_page()
        page.goto(bare.url)
        for _ in range(5):
            stored(page, "deleteAll")
            server.flips = {(piece.path, piece.offset + chance.randrange(piece.length)) for piece in pieces}
            assert_right(load(page, server), server, folder)
            assert not server.flips
            flips = [["parts", piece.sha256, chance.randrange(piece.length), chance.randrange(8)] for piece in pieces]
            page.evaluate(FLIP, flips)
            assert_right(load(page, server), server, folder)
        page.close()
        bare.close()
