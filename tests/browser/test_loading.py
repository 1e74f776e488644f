"""What arrives damaged, cut or not at all is a sentence with a way to try again; nothing unverified is run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from fixtures.shapes import shape_image
from test_answers import ASK, png
from tinyvlm.hub.open import DEFAULT_MODEL

WEIGHTS = Path(__file__).resolve().parents[2] / "web" / "models" / DEFAULT_MODEL / "model.safetensors"


def with_flipped_bit(at: int) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        data = bytearray(WEIGHTS.read_bytes())
        data[at] ^= 1
        route.fulfill(body=bytes(data))

    return answer


def cut(route: Route) -> None:
    route.fulfill(body=WEIGHTS.read_bytes()[:5_000_000])


def longer(route: Route) -> None:
    route.fulfill(body=WEIGHTS.read_bytes() + b"more")


def missing(route: Route) -> None:
    route.fulfill(status=404, body="")


def lost(route: Route) -> None:
    route.abort("connectionreset")


def wrong_list(route: Route) -> None:
    """Another list than the one that site.json gives the hash of."""
    parts = [{"offset": 5, "length": 5, "sha256": "0" * 64}]
    file = {"name": "model.safetensors", "size": 10, "sha256": "0" * 64, "parts": parts}
    route.fulfill(body=json.dumps({"format": 1, "files": [file]}))


FAILURES = {
    "damaged weights": ("**/model.safetensors", with_flipped_bit(2_000_000), "damaged"),
    "cut weights": ("**/model.safetensors", cut, "damaged"),
    "longer weights": ("**/model.safetensors", longer, "damaged"),
    "missing weights": ("**/model.safetensors", missing, "could not be downloaded"),
    "lost connection": ("**/tokenizer.json", lost, "could not be downloaded"),
    "damaged tokenizer": ("**/tokenizer.json", lambda route: route.fulfill(body="x" * 266_825), "damaged"),
    "wrong part list": ("**/parts.json", wrong_list, "damaged"),
    "no part list": ("**/parts.json", missing, "could not be downloaded"),
    "no kernels": ("**/kernels/*.wasm", missing, "The page's relaxed.wasm could not be downloaded"),
    "no package": ("**/tinyvlm.zip.zlib", missing, "tinyvlm.zip.zlib could not be downloaded"),
    "no download worker": ("**/engine/download/worker.js", missing, "answered 404"),
    "no Python": ("**/pyodide.asm.js", missing, "The page's pyodide.asm.js could not be downloaded"),
}


@pytest.mark.allow_console_errors
@pytest.mark.parametrize("name", FAILURES)
def test_a_failed_load_is_a_sentence_and_can_be_tried_again(page: Page, site_url: str, name: str) -> None:
    pattern, answer, sentence = FAILURES[name]
    page.route(pattern, answer)
    page.goto(site_url)
    expect(page.locator("#progress")).to_contain_text(sentence, timeout=120_000)
    failure = page.evaluate("() => window.tinyvlm.ready.catch((error) => [error.code, error.message])")
    codes = ("model-download-failed", "page-download-failed", "checksum-mismatch", "download-failed")
    assert failure[0] in codes
    assert failure[1].endswith(".")
    page.unroute(pattern)
    page.locator("#progress button").click()
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What color is the shape?"]) == "red"


@pytest.mark.allow_console_errors
def test_a_host_that_never_answers_is_a_sentence_too(page: Page, site_url: str) -> None:
    """The page waits for site.json for half a minute, here for half a second; nothing else is asked for before it."""
    patience = "PATIENCE_MS = 30_000;"

    def be_impatient(route: Route) -> None:
        text = route.fetch().text()
        assert patience in text
        route.fulfill(body=text.replace(patience, "PATIENCE_MS = 500;"), content_type="text/javascript")

    page.route("**/engine/shared/page_file.js", be_impatient)
    page.route("**/site.json", lambda _: None)  # accepted, and left alone
    page.goto(site_url)
    expect(page.locator("#progress")).to_contain_text("The page's site.json could not be downloaded")
    page.unroute("**/site.json")
    page.locator("#progress button").click()
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")


@pytest.mark.allow_console_errors
def test_a_damaged_low_plane_leaves_a_draft_that_answers(page: Page, site_url: str) -> None:
    """What is wrong comes after the milestone "draft": the page answers, says so, and offers to try again."""
    page.route("**/model.safetensors", with_flipped_bit(12_000_000))
    page.goto(site_url)
    assert page.evaluate("() => window.tinyvlm.whole.catch((error) => error.code)") == "checksum-mismatch"
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What shape is in the image?"]) == "circle"
    assert page.evaluate("() => window.tinyvlm.lastAnswer.draft") is True
    expect(page.locator("#progress")).to_contain_text("answers stay drafts")
    page.unroute("**/model.safetensors")
    page.locator("#progress button").click()
    page.evaluate("() => window.tinyvlm.whole")
    assert page.evaluate(ASK, [png(shape_image()), "image/png", "What shape is in the image?"]) == "circle"
    assert page.evaluate("() => window.tinyvlm.lastAnswer.draft") is False


@pytest.mark.allow_console_errors
def test_an_engine_without_simd_is_told_so(page: Page, site_url: str) -> None:
    """A build that does not validate is passed over; with none left there is a sentence."""
    page.route("**/kernels/*.wasm", lambda route: route.fulfill(body=b"\0asm\1\0\0\0\xff"))
    page.goto(site_url)
    expect(page.locator("#progress")).to_contain_text("cannot run WebAssembly SIMD", timeout=30_000)


def test_without_relaxed_simd_the_other_build_runs(page: Page, site_url: str) -> None:
    page.route("**/kernels/relaxed.wasm", lambda route: route.fulfill(body=b"\0asm\1\0\0\0\xff"))
    page.goto(site_url)
    page.evaluate("() => window.tinyvlm.ready.then(() => true)")
    assert page.evaluate("() => window.tinyvlm.stats()")["simd"] == "simd128"
    expect(page.locator("#status")).to_contain_text("SIMD128")


def test_an_unknown_build_is_refused(page: Page, site_url: str) -> None:
    page.goto(f"{site_url}index.html")
    refused = page.evaluate("""async () => {
      const { TinyVLM } = await import("./tinyvlm.js");
      const vlm = new TinyVLM({ simd: "avx" });
      const refused = await vlm.ready.catch((error) => error.code);
      vlm.dispose();
      return refused;
    }""")
    assert refused == "bad-argument"
