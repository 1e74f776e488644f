"""What the tests of downloads share: models of random bytes, and a bare page that loads them without Python."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from hub_server import HubServer
from site_server import CONNECT_SOURCES, SiteServer
from unreliable_server import UnreliableServer

ROOT = Path(__file__).resolve().parents[2]
KERNELS = ROOT / "py/tinyvlm/wasm/simd128.wasm"
WEIGHTS = "/models/toy/model.safetensors"
PART_LIST = "/models/toy/parts.json"
INSECURE_HOST = "plain.test"
"""This machine, by a name that browsers do not trust."""

LOAD = """async ([options, play]) => {
  const { load } = await import("/download_lead.js");
  window.download = load(options, play);
  return window.download.finished;
}"""
START = """async ([options, play]) => {
  const { load } = await import("/download_lead.js");
  window.download = load(options, play);
  window.download.finished.then((result) => (window.result = result));
}"""
STORED = """async ([name, ...values]) => {
  const storage = await import("/engine/shared/storage.js");
  return storage[name](...values);
}"""


def random_bytes(seed: int, nbytes: int) -> bytes:
    """Bytes that no one can guess but everyone can make again."""
    return random.Random(seed).randbytes(nbytes)


def sha256(data: bytes) -> str:
    """In hex."""
    return hashlib.sha256(data).hexdigest()


def part_list(files: dict[str, bytes], part_bytes: int) -> dict[str, Any]:
    """The content of parts.json: weights in parts, texts as they are."""
    entries = []
    for name, data in files.items():
        entry: dict[str, Any] = {"name": name, "size": len(data), "sha256": sha256(data)}
        if name.endswith(".safetensors"):
            cuts = range(0, len(data), part_bytes)
            parts = [data[at : at + part_bytes] for at in cuts]
            entry["parts"] = [
                {"offset": at, "length": len(part), "sha256": sha256(part)}
                for at, part in zip(cuts, parts, strict=True)
            ]
        entries.append(entry)
    return {"format": 1, "files": entries}


def own_model(weights: bytes, part_bytes: int, *, listed: bool = False) -> dict[str, bytes]:
    """A site's files with the model "toy"; `listed`: site.json vouches for the part list."""
    files = {
        "config.json": b'{"model_type": "toy"}',
        "tokenizer.json": b'"\xc3\xa9"' * 200,
        "model.safetensors": weights,
    }
    parts = json.dumps(part_list(files, part_bytes)).encode()
    site: dict[str, Any] = {
        "models": ["toy"],
        "default_model": "toy",
        "kernels": {"simd128": "kernels/simd128.wasm"},
    }
    if listed:
        site["files"] = {PART_LIST.lstrip("/"): {"size": len(parts), "sha256": sha256(parts)}}
    return {
        "/site.json": json.dumps(site).encode(),
        "/kernels/simd128.wasm": KERNELS.read_bytes(),
        PART_LIST: parts,
        **{f"/models/toy/{name}": data for name, data in files.items()},
    }


def page_files() -> dict[str, Path | bytes]:
    """The bare page and the engine's modules."""
    here = Path(__file__).parent
    web = ROOT / "web"
    files: dict[str, Path | bytes] = {path.relative_to(web).as_posix(): path for path in web.glob("engine/**/*.js")}
    files |= {path.name: path for path in here.glob("download_*.js")}
    icon = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
    return {**files, "index.html": f"<!doctype html><link rel=icon href={icon}>".encode()}


def bare_site(*servers: UnreliableServer | HubServer) -> SiteServer:
    """Serve the bare page, which may fetch from these servers."""
    sources = [CONNECT_SOURCES]
    for server in servers:
        sources += [server.url, server.cdn_url] if isinstance(server, HubServer) else [server.url]
    return SiteServer(page_files(), connect=" ".join(sources)).start()


def load(page: Page, server: UnreliableServer, play: dict[str, Any] | None = None, **options: Any) -> dict[str, Any]:
    """Load a model to the end, or to its error."""
    result: dict[str, Any] = page.evaluate(LOAD, [{"site": f"{server.url}site.json", **options}, play or {}])
    return result


def start(page: Page, server: UnreliableServer, play: dict[str, Any] | None = None, **options: Any) -> None:
    """Begin to load; `window.result` appears at the end."""
    page.evaluate(START, [{"site": f"{server.url}site.json", **options}, play or {}])


def stored(page: Page, name: str, *values: Any) -> Any:
    """Call a function of engine/shared/storage.js in the page."""
    return page.evaluate(STORED, [name, *values])
