"""Errors over the wire: the page says of a code and its details what Python says."""

from __future__ import annotations

from string import Formatter
from typing import Any

import pytest
from playwright.sync_api import Page

from tinyvlm.error_table import SENTENCES
from tinyvlm.errors import TinyVLMError

RECEIVE = """async (wires) => {
  const { TinyVLMError, fromWireError, keptError } = await import("./engine/shared/errors.js");
  const received = HOW;
  return received.map((error) => {
    return [error instanceof TinyVLMError, error.name, error.code, error.message, error.details];
  });
}"""
SEND = """async () => {
  const { TinyVLMError, fromWireError, sentenceOf, toWireError } = await import("./engine/shared/errors.js");
  const { TinyVLMError: exported } = await import("./tinyvlm.js");
  const known = toWireError(new exported("download-failed", { url: "http://a.test/b", status: 404 }));
  const unknown = toWireError(fromWireError({ code: "of-tomorrow", message: "It rains.", details: { mm: 3 } }));
  const { LateError } = await import("./engine/shared/late_error.js");
  const late = new LateError("model-incomplete", { model: "a/b", file: "config.json" });
  return {
    late: [toWireError(late), fromWireError(toWireError(late)).message, late instanceof TinyVLMError],
    known: [known, sentenceOf(known.code, known.details) === known.message, exported === TinyVLMError],
    unknown,
    other: toWireError(new RangeError("too far")),
  };
}"""


@pytest.fixture
def opened(page: Page, site_url: str) -> Page:
    """The page; what it loads meanwhile does not matter."""
    page.goto(site_url)
    return page


def test_what_was_kept_of_an_error_is_said_as_python_says_it(opened: Page) -> None:
    errors: list[TinyVLMError] = []
    for code, sentence in SENTENCES.items():
        names = [name for _, name, _, _ in Formatter().parse(sentence) if name]
        details: dict[str, Any] = {name: [7, "$& {limit}", "<é>"][index % 3] for index, name in enumerate(names)}
        errors.append(TinyVLMError(code, **details))
    wires = [{"code": error.code, "details": error.details} for error in errors]
    received = opened.evaluate(RECEIVE.replace("HOW", "await Promise.all(wires.map(keptError))"), wires)
    assert received == [[True, "TinyVLMError", error.code, str(error), error.details] for error in errors]


def test_errors_that_are_met_here_too_are_said_by_their_rows_and_others_as_they_came(opened: Page) -> None:
    wires = [{"code": code, "message": "As it came.", "details": {}} for code in ("image-empty", "model-closed", "new")]
    received = opened.evaluate(RECEIVE.replace("HOW", "wires.map(fromWireError)"), wires)
    assert [message for _, _, _, message, _ in received] == [SENTENCES["image-empty"], "As it came.", "As it came."]
    (row,) = opened.evaluate(RECEIVE.replace("HOW", "[await keptError(wires[2])]"), wires)
    assert row[2:4] == ["new", "new"]


def test_errors_stay_what_they_are(opened: Page) -> None:
    sent = opened.evaluate(SEND)
    details: dict[str, Any] = {"url": "http://a.test/b", "status": 404}
    message = "http://a.test/b could not be downloaded: the server answered 404."
    assert sent["known"] == [{"code": "download-failed", "message": message, "details": details}, True, True]
    details = {"model": "a/b", "file": "config.json"}
    message = "The model a/b has no file config.json."
    assert sent["late"] == [{"code": "model-incomplete", "message": message, "details": details}, message, True]
    assert sent["unknown"] == {"code": "of-tomorrow", "message": "It rains.", "details": {"mm": 3}}
    assert sent["other"]["code"] == "internal"
    assert sent["other"]["message"].startswith("Something went wrong")
    assert "RangeError: too far" in sent["other"]["details"]["reason"]
