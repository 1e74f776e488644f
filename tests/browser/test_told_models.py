"""Public models in the page are told what an image says as natively, with the engine and the reader that ship."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageFont
from playwright.sync_api import Page

from fixtures.pages import page_layouts, sheet
from fixtures.pages.page import draw_page
from public_model import llama_files, smolvlm_files
from test_reader_engine import RECEIPT, png
from tinyvlm import VLM
from website.site_files import SiteFiles
from website.site_server import SiteServer

QUESTION, NEXT = "Which of these is a drink?", "What does it cost?"
TOKENS = 8
LOOKED = ["decoding", "encoding"]

# As many activation bits as natively.
OPEN = """async ([files, baseURL]) => {
  const { TinyVLM } = await import("/tinyvlm.js");
  const blobOf = (data) => new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
  const model = files?.map(([name, data]) => new File([blobOf(data)], name));
  const vlm = new TinyVLM({ files: model, baseURL, threads: 1, activationBits: 7 });
  window.keep = (name, data) => { window[name] = blobOf(data); };
  window.told = async (name, question, options) => {
    const phases = [];
    const onPhase = (phase) => phases.push(phase);
    try {
      const image = name ? window[name] : null;
      const answer = await vlm.ask(image, question, { profile: "fast", onPhase, ...options });
      const { prompt_tokens, read, reading } = vlm.lastAnswer;
      return { answer, phases, prompt_tokens, read, text: reading && reading.text };
    } catch ({ code, message, details }) {
      return { code, message, details, phases };
    }
  };
  window.stopped = (name, question, wanted) => {
    const controller = new AbortController();
    const onPhase = (phase) => phase === wanted && controller.abort();
    const options = { with_text: true, profile: "fast", onPhase, signal: controller.signal };
    return vlm.ask(window[name], question, options).then(() => "answered", ({ name }) => name);
  };
  window.vlm = vlm;
  await vlm.ready;
}"""
TOLD = "([name, question, options]) => window.told(name, question, options)"


@pytest.fixture(scope="module")
def receipt() -> Image.Image:
    """In Pillow's own typeface, which needs no network; with more text than such a small model is told."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (page_layouts, sheet):
            patch.setattr(module, "font", lambda face, size: ImageFont.load_default(size))
        return draw_page(RECEIPT).image


Open = Callable[..., Callable[..., Any]]


@pytest.fixture
def opened(page: Page, site_files: SiteFiles, receipt: Image.Image) -> Iterator[Open]:
    """Open a model's files in a page of their own; return what asks it about the receipt."""
    files = {**site_files, "empty.html": b"<!doctype html><link rel=icon href=icon.svg>"}
    server = SiteServer(files).start()
    page.goto(f"{server.url}empty.html")

    def run(files: dict[str, bytes] | None) -> Callable[..., Any]:
        brought = files and [[name, base64.b64encode(data).decode()] for name, data in files.items()]
        page.evaluate(OPEN, [brought, server.url])
        for name, image in (("receipt", receipt), ("turned", receipt.rotate(180))):
            page.evaluate("(given) => window.keep(...given)", [name, png(image)])

        def told(question: str, name: str | None = "receipt", **options: Any) -> Any:
            return page.evaluate(TOLD, [name, question, {"max_new_tokens": TOKENS, "with_text": True, **options}])

        return told

    yield run
    page.evaluate("() => window.vlm.dispose()")
    server.close()


def natively(folder: Path, files: dict[str, bytes], receipt: Image.Image) -> tuple[list[tuple[str, int]], str]:
    """Return the answers and the lengths of their prompts in a conversation about the receipt; and what it says."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    with VLM.from_pretrained(folder, threads=1) as vlm:
        talk = vlm.conversation()
        told, shown = vlm.with_text(QUESTION, [receipt])
        answers = []
        for question, images in ((told, [vlm.encode_image(image, profile="fast") for image in shown]), (NEXT, [])):
            answer = talk.ask(question, *images, max_new_tokens=TOKENS)
            answers.append((answer, vlm.last_answer.prompt_tokens))
        return answers, vlm.read(receipt).text


def test_one_that_sees_is_told_once_and_a_stop_while_reading_is_no_end(
    page: Page, opened: Open, receipt: Image.Image, tmp_path: Path
) -> None:
    """The receipt is read once: for two questions and a reading; another image is read anew, after a stop as well."""
    files = smolvlm_files("BF16")
    expected, text = natively(tmp_path, files, receipt)
    told = opened(files)
    page.evaluate("() => window.vlm.canRead")
    first, second = told(QUESTION), told(NEXT)
    assert [(answer["answer"], answer["prompt_tokens"]) for answer in (first, second)] == expected
    assert first["phases"] == [*LOOKED, "decoding", "reading", "answering"]
    assert second["phases"] == ["answering"]
    assert [(answer["text"], answer["read"]) for answer in (first, second)] == [(text, False)] * 2
    reading = """async () => {
      const phases = [];
      const { text } = await window.vlm.read(window.receipt, { onPhase: (phase) => phases.push(phase) });
      return [text, phases];
    }"""
    assert page.evaluate(reading) == [text, []]
    stopped = "([question, phase]) => window.stopped('turned', question, phase)"
    assert page.evaluate(stopped, [QUESTION, "reading"]) == "AbortError"
    after = told(QUESTION, "turned")
    assert after["phases"] == ["decoding", "reading", "answering"]
    assert len(after["text"]) > 100
    without = told(QUESTION, "receipt", with_text=False)
    assert without["prompt_tokens"] < first["prompt_tokens"] / 2
    assert (without["text"], without["phases"]) == (None, [*LOOKED, "answering"])
    nothing = told(QUESTION, None)
    assert (nothing["text"], nothing["phases"]) == (None, ["answering"])


def test_one_that_sees_nothing_is_told(page: Page, opened: Open, receipt: Image.Image, tmp_path: Path) -> None:
    """The question waits for the reader, which comes after the model; and the image is not looked at."""
    files = llama_files()
    expected, text = natively(tmp_path, files, receipt)
    told = opened(files)
    refused = told(QUESTION, with_text=False)
    assert refused["code"] == "image-unsupported"
    first, second = told(QUESTION), told(NEXT)
    assert [(answer["answer"], answer["prompt_tokens"]) for answer in (first, second)] == expected
    assert [phase for phase in first["phases"] if phase != "waiting-for-reader"] == ["decoding", "reading", "answering"]
    assert (first["text"], second["text"], second["phases"]) == (text, text, ["answering"])
    turned = told(QUESTION, "turned")
    assert turned["phases"] == ["decoding", "reading", "answering"]
    assert turned["prompt_tokens"] < second["prompt_tokens"], "another image begins another conversation"


def test_the_bundled_one_refuses_it_as_natively(opened: Open) -> None:
    told = opened(None)
    refused = told(QUESTION)
    expected = {"name": "with_text", "expected": "False for a model that was not made for conversations"}
    assert (refused["code"], refused["details"]) == ("bad-argument", {**expected, "value": "True"})
    assert "reading" not in refused["phases"]
    misnamed = told(QUESTION, with_text=False, withText=True)
    assert (misnamed["code"], misnamed["details"]["meant"]) == ("sampling-misnamed", "with_text")
    assert told("What color is the picture?", with_text=False)["answer"]


def test_without_a_reader_it_is_told_so_and_the_model_answers_without(page: Page, opened: Open) -> None:
    def without(route: Any) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "reader": None})

    page.route("**/site.json", without)
    told = opened(smolvlm_files("BF16"))
    refused = told(QUESTION)
    assert refused["code"] == "reader-unavailable"
    assert refused["message"].startswith("The text reader could not be loaded. ")
    answered = told(QUESTION, with_text=False)
    assert (len(answered["answer"]) > 0, answered["phases"]) == (True, ["answering"])
