"""What the page says and shows of an image when it is chosen."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from odd_images import HEIGHT, ODD_IMAGES, WIDTH, encoded
from scripted_page import ScriptedPage
from tinyvlm.errors import InputError
from tinyvlm.media.images import load_image


def choose(scripted: ScriptedPage, data: bytes) -> None:
    """Pick a file; its name says nothing of its type."""
    file: Any = {"name": "picture", "mimeType": "", "buffer": data}
    scripted.page.set_input_files("#file-input", file)


@pytest.mark.parametrize(
    "name",
    [
        "JPEG: cut off at 97 %",
        "JPEG: progressive, cut off at 60 %",
        "PNG: cut off at 60 %",
        "PNG: 4,294,967,295 a side",
        "GIF: cut off at 97 %",
        "WebP: cut off at 97 %",
        "Other: SVG",
        "Other: empty file",
    ],
)
def test_what_is_wrong_is_said_when_it_is_chosen(scripted: ScriptedPage, name: str) -> None:
    scripted.open()
    choose(scripted, ODD_IMAGES[name]())
    with pytest.raises(InputError) as native:
        load_image(ODD_IMAGES[name]())
    expect(scripted.locator("#image-message")).to_contain_text(str(native.value))
    expect(scripted.locator("#preview")).to_be_hidden()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("JPEG: without an end marker", (WIDTH, HEIGHT)),
        ("JPEG: junk between segments", (WIDTH, HEIGHT)),
        ("PNG: without IEND", (WIDTH, HEIGHT)),
        ("PNG: a hundred texts", (WIDTH, HEIGHT)),
        ("WebP: EXIF orientation 6", (HEIGHT, WIDTH)),
        ("JPEG: EXIF orientation 8", (HEIGHT, WIDTH)),
    ],
)
def test_what_is_taken_is_shown_as_it_is_seen(scripted: ScriptedPage, name: str, size: tuple[int, int]) -> None:
    scripted.open()
    choose(scripted, ODD_IMAGES[name]())
    preview = scripted.locator("#preview")
    expect(preview).to_be_visible()
    expect(scripted.locator("#image-size")).to_have_text(f"{size[0]} × {size[1]}")
    shown = "(image) => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"
    assert preview.evaluate(shown) == list(size)
    expect(scripted.locator("#image-message")).to_be_empty()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_transparent_parts_are_shown_on_what_the_model_sees(scripted: ScriptedPage, scheme: Any) -> None:
    scripted.page.emulate_media(color_scheme=scheme)
    scripted.open()
    choose(scripted, encoded(Image.new("RGBA", (WIDTH, HEIGHT), (0, 0, 0, 0)), "PNG"))
    preview = scripted.locator("#preview")
    expect(preview).to_be_visible()
    preview.evaluate("(image) => image.decode()")
    shot = np.asarray(Image.open(BytesIO(preview.screenshot())).convert("RGB"))
    assert shot[shot.shape[0] // 2, shot.shape[1] // 2].tolist() == [255, 255, 255]
