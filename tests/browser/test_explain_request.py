"""Answers are explained in the page as natively: `explain` of the public module, with the engine that ships."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page

from fixtures.shapes import shape_image
from fixtures.two_shapes import two_shapes
from public_model import llama_files, smolvlm_files
from test_reader_engine import png
from tinyvlm import VLM, Explanation
from website.site_files import SiteFiles
from website.site_server import SiteServer

QUESTION = "Describe the image."
PICTURE = two_shapes(3)[0]
# As many activation bits as natively.
OPEN = """async ([files, baseURL, picture]) => {
  const { TinyVLM } = await import("/tinyvlm.js");
  const blobOf = (data) => new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
  const model = files?.map(([name, data]) => new File([blobOf(data)], name));
  window.vlm = new TinyVLM({ files: model, baseURL, threads: 1, activationBits: 7 });
  window.picture = blobOf(picture);
  window.asked = (method, question, options) => {
    return window.vlm[method](window.picture, question, options).catch(({ name, code }) => ({ name, code }));
  };
  await window.vlm.ready;
  await window.vlm.whole;
}"""
ASKED = "([method, question, options]) => window.asked(method, question, options)"
# All at once: a question, its explanation and another question, and what came of them, in order.
QUEUED = """async ([question, other]) => {
  const said = [];
  const tell = (name) => (result) => said.push([name, result.text ?? result]);
  let streamed = "";
  const onToken = (text) => (streamed += text);
  await Promise.all([
    window.asked("ask", question).then(tell("ask")),
    window.asked("explain", question, { onToken }).then(tell("explain")),
    window.asked("ask", other).then(tell("ask")),
  ]);
  return { said, streamed };
}"""
STOPPED = """async ([question]) => {
  const before = new AbortController();
  before.abort();
  const never = await window.asked("explain", question, { signal: before.signal });
  const controller = new AbortController();
  const onToken = () => controller.abort();
  const stopped = await window.asked("explain", question, { onToken, signal: controller.signal });
  return [never.name, stopped.name];
}"""


@pytest.fixture
def opened(page: Page, site_files: SiteFiles) -> Iterator[Any]:
    """Open a model's files, or the bundled model, in a page of their own."""
    server = SiteServer({**site_files, "empty.html": b"<!doctype html><link rel=icon href=icon.svg>"}).start()
    page.goto(f"{server.url}empty.html")

    def run(files: dict[str, bytes] | None) -> None:
        brought = files and [[name, base64.b64encode(data).decode()] for name, data in files.items()]
        page.evaluate(OPEN, [brought, server.url, png(PICTURE)])

    yield run
    page.evaluate("() => window.vlm.dispose()")
    server.close()


def explained(page: Page, question: str, **options: Any) -> Any:
    return page.evaluate(ASKED, ["explain", question, options])


def assert_alike(actual: Any, expected: Explanation) -> None:
    """The page's JSON, and what Python says natively."""
    wanted = expected.to_json()
    assert {**actual, "words": []} == {**wanted, "words": []}
    assert [word["text"] for word in actual["words"]] == [word.text for word in expected.words]
    for mine, theirs in zip(actual["words"], wanted["words"], strict=True):
        assert mine["probability"] == pytest.approx(theirs["probability"], abs=0.01)
        assert mine["elsewhere"] == pytest.approx(theirs["elsewhere"], abs=0.01)
        assert mine["alternatives"][0]["text"] == theirs["alternatives"][0]["text"]
        np.testing.assert_allclose(mine["heat"], theirs["heat"], atol=0.01)


def test_the_bundled_model_is_explained_as_natively(page: Page, opened: Any) -> None:
    opened(None)
    with VLM.from_pretrained(threads=1) as vlm:
        image = vlm.encode_image(PICTURE)
        native = vlm.explain(image, QUESTION)
        assert len(native.words) > 2
        assert_alike(explained(page, QUESTION), native)
        assert_alike(explained(page, QUESTION, max_new_tokens=2), vlm.explain(image, QUESTION, max_new_tokens=2))
        assert explained(page, QUESTION, depth=3)["code"] == "sampling-unknown"
        refused = explained(page, "Write a poem.")
        assert (refused["kind"], refused["words"]) == ("unserved", [])
        assert refused["text"] == vlm.ask(image, "Write a poem.")
        color = vlm.ask(image, "What color is the square?")
        answers = page.evaluate(QUEUED, [QUESTION, "What color is the square?"])
    assert answers["said"] == [["ask", native.text], ["explain", native.text], ["ask", color]]
    assert answers["streamed"] == native.text
    assert page.evaluate(STOPPED, [QUESTION]) == ["AbortError", "AbortError"]
    assert page.evaluate(ASKED, ["ask", QUESTION, {}]) == native.text, "the next is answered"


def test_a_public_model_s_second_turn_is_explained_where_it_stands(page: Page, opened: Any) -> None:
    opened(smolvlm_files("BF16"))
    options = {"max_new_tokens": 6, "profile": "fast"}
    answers = [page.evaluate(ASKED, ["ask", question, options]) for question in (QUESTION, "And behind it?")]
    explanation = explained(page, "And behind it?", **options)
    assert explanation["text"] == answers[1] == "".join(word["text"] for word in explanation["words"])
    assert all(sum(map(sum, word["heat"])) == pytest.approx(1, abs=1e-3) for word in explanation["words"])
    assert page.evaluate("() => window.vlm.lastAnswer.text") == answers[1], "what was answered last is as it was"


def test_what_cannot_be_explained_is_said(page: Page, opened: Any) -> None:
    opened(llama_files())
    assert explained(page, QUESTION)["code"] == "image-unsupported"
    assert page.evaluate("() => window.asked('explain', 5)")["code"] == "bad-question"
    page.evaluate(f"() => {{ window.picture = {png(shape_image())!r}; }}")
    assert explained(page, QUESTION)["code"] == "image-not-blob"
