"""Whatever is dropped or typed gives an answer or a clear sentence, and the next normal question works."""

from __future__ import annotations

import base64
import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from fixtures.shapes import shape_image
from test_answers import ASK, open_page, png
from tinyvlm import VLM

COLOR = "What color is the shape?"
OUTCOME = """async ([data, mime, question]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  return window.tinyvlm.ask(new Blob([bytes], { type: mime }), question).then(
    (answer) => ({ answer }),
    (error) => ({ code: error.code, message: error.message }),
  );
}"""


@pytest.fixture(scope="module")
def open_site(browser: Any, site_url: str) -> Any:
    """One page for all cases: each must leave it able to answer the next question."""
    context = browser.new_context()
    yield open_page(context.new_page(), site_url)
    context.close()


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def animated_gif() -> bytes:
    frames = [shape_image("circle", color, 128) for color in ("red", "blue", "green")]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=20, loop=0)


def sixteen_bit_png() -> bytes:
    """A 16-bit RGB PNG of the red circle, written by hand: Pillow writes none."""
    pixels = np.asarray(shape_image("circle", "red", 64)).astype(">u2") * 257
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def huge_png() -> bytes:
    return encoded(Image.new("1", (12_000, 12_000)), "PNG")


def rotated_jpeg() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(shape_image("triangle", "blue", 200).transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def transparent_png() -> bytes:
    image = shape_image("circle", "green", 128).convert("RGBA")
    pixels = np.array(image)
    pixels[(pixels[..., :3] > 200).all(-1)] = (0, 0, 0, 0)
    return encoded(Image.fromarray(pixels), "PNG")


ANSWERED = {
    "animated GIF": (animated_gif, "red"),
    "CMYK JPEG": (lambda: encoded(shape_image("circle", "red", 128).convert("CMYK"), "JPEG"), "red"),
    "16-bit PNG": (sixteen_bit_png, "red"),
    "turned JPEG": (rotated_jpeg, "blue"),
    "transparent PNG": (transparent_png, "green"),
    "WebP": (lambda: encoded(shape_image("circle", "yellow", 128), "WEBP"), "yellow"),
    "BMP": (lambda: encoded(shape_image("circle", "blue", 128), "BMP"), "blue"),
    "palette PNG": (lambda: encoded(shape_image("circle", "red", 128).convert("P"), "PNG"), "red"),
    "wide strip": (lambda: encoded(shape_image("rectangle", "red", 400).resize((3000, 40)), "PNG"), None),
    "40,000 x 10 PNG": (lambda: encoded(Image.new("1", (40_000, 10)), "PNG"), None),
    "one pixel": (lambda: encoded(Image.new("RGB", (1, 1), (255, 0, 0)), "PNG"), None),
}

REFUSED = {
    "text named .png": (lambda: b"just some words\n" * 20, "image-unknown-type"),
    "empty file": (lambda: b"", "image-empty"),
    "Git LFS pointer": (lambda: b"version https://git-lfs.github.com/spec/v1\n", "image-lfs-pointer"),
    "12,000 x 12,000 PNG": (huge_png, "image-too-large"),
    "SVG": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image-svg"),
    "cut PNG header": (lambda: encoded(shape_image(), "PNG")[:12], "image-unreadable"),
    "PNG of garbage": (lambda: encoded(shape_image(), "PNG")[:40] + b"\xff" * 200, "image-unreadable"),
}


def ask(page: Page, data: bytes, question: str = COLOR, mime: str = "image/png") -> dict[str, Any]:
    outcome: dict[str, Any] = page.evaluate(OUTCOME, [base64.b64encode(data).decode(), mime, question])
    return outcome


def works_again(page: Page) -> None:
    assert page.evaluate(ASK, [png(shape_image("circle", "red")), "image/png", COLOR]) == "red"


@pytest.mark.parametrize("name", ANSWERED)
def test_odd_images_are_answered(open_site: Page, name: str) -> None:
    """The page's browser and Pillow see the same picture: answers agree with the native package."""
    make, expected = ANSWERED[name]
    data = make()
    outcome = ask(open_site, data)
    assert outcome.get("answer"), outcome
    if expected:
        assert outcome["answer"] == expected
        assert VLM.from_pretrained(backend="numpy").ask(data, COLOR) == expected
    works_again(open_site)


@pytest.mark.parametrize("name", REFUSED)
def test_unusable_images_are_a_sentence(open_site: Page, name: str) -> None:
    make, code = REFUSED[name]
    outcome = ask(open_site, make())
    assert outcome.get("code") == code, outcome
    assert outcome["message"].endswith(".")
    assert len(outcome["message"]) > 20
    works_again(open_site)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("", "question-empty"),
        (" \n ", "question-empty"),
        ("\x00", "question-empty"),
        ("is there a dog " * 7_000, "question-too-long"),
    ],
)
def test_unusable_questions_are_a_sentence(open_site: Page, question: str, code: str) -> None:
    outcome = ask(open_site, encoded(shape_image(), "PNG"), question)
    assert outcome.get("code") == code, outcome
    assert outcome["message"].endswith(".")
    works_again(open_site)


@pytest.mark.parametrize(
    "question", ["What\\u0000 color is it?", "What color \\ud800 is \\udc00 this?", "¿De qué color? 色"]
)
def test_odd_characters_are_answered(open_site: Page, question: str) -> None:
    """Null bytes and lone surrogates, made in JavaScript: they survive no other way in."""
    answer = open_site.evaluate(
        "([data, question]) => window.tinyvlm.ask(new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))]), "
        'JSON.parse(`"${question}"`))',
        [png(shape_image()), question],
    )
    assert answer
    works_again(open_site)
