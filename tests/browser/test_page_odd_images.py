"""Odd image files in the page: it says what docs/images.md says, and sees the pixels that the package sees."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from image_table import documented, package_answer, verdict, write
from odd_images import (
    ODD_IMAGES,
    PACKAGE_ONLY,
    chunk,
    encoded,
    exif,
    ihdr,
    jpeg,
    mutations,
    picture,
    png,
    scanlines,
    webp,
)
from tinyvlm.errors import InputError
from tinyvlm.media.images import RGBImage, load_image
from website.site_server import SiteServer

WEB = Path(__file__).resolve().parents[2] / "web"
DECODE = """async (data) => {
  const { decodeImage } = await import("/engine/shared/image_pixels.js");
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  try {
    const { width, height, rgb } = await decodeImage(new Blob([bytes]));
    const reader = new FileReader();
    const read = new Promise((resolve) => (reader.onload = resolve));
    reader.readAsDataURL(new Blob([rgb]));
    await read;
    return [width, height, reader.result.split(",")[1]];
  } catch (error) {
    return error.code ?? String(error);
  }
}"""
INSPECT = """async (data) => {
  const { inspectImage } = await import("/engine/shared/image_pixels.js");
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  try {
    const { width, height, preview } = await inspectImage(new Blob([bytes]));
    const image = new Image();
    image.src = URL.createObjectURL(preview);
    await image.decode();
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    const rgba = context.getImageData(0, 0, width, height).data;
    return [image.naturalWidth, image.naturalHeight, btoa(String.fromCharCode(...rgba))];
  } catch (error) {
    return error.code ?? String(error);
  }
}"""
ALTERED = """(() => {
  const prototype = OffscreenCanvasRenderingContext2D.prototype;
  const getImageData = prototype.getImageData;
  prototype.getImageData = function (...area) {
    const image = getImageData.apply(this, area);
    for (let at = 0; at < image.data.length; at += 40) image.data[at] ^= 1 + (Math.random() * 200);
    return image;
  };
})();"""
FIRST_PART = """(() => {
  const parts = new WeakMap();
  const open = createImageBitmap;
  window.Blob = class extends Blob {
    constructor(of, options) {
      super(of, options);
      parts.set(this, of);
    }
  };
  window.createImageBitmap = (source, ...options) => {
    const first = source instanceof Blob ? new Blob(parts.get(source).slice(0, 1)) : null;
    return first && first.size < 16 ? Promise.reject(new DOMException("unknown type")) : open(source, ...options);
  };
})();"""
"""Firefox tells the type of a file by the first part of its blob."""
NEAR = {
    "BMP: 16 bits with masks": 1,
    "AVIF: with alpha": 20,
}
"""How far pixels may be apart where decoders differ; elsewhere not at all."""


@pytest.fixture(scope="module")
def modules() -> Iterator[SiteServer]:
    """The engine's modules and an empty page."""
    files: dict[str, Path | bytes] = {path.relative_to(WEB).as_posix(): path for path in WEB.glob("engine/**/*.js")}
    files |= {"index.html": b"<!doctype html><link rel=icon href=icon.svg>", "icon.svg": WEB / "icon.svg"}
    server = SiteServer(files).start()
    yield server
    server.close()


@pytest.fixture(scope="module")
def decoding_page(browser: Browser, modules: SiteServer) -> Iterator[Page]:
    """A page that can decode."""
    page = browser.new_page()
    page.goto(modules.url)
    yield page
    page.close()


@pytest.fixture
def altering_page(browser: Browser, modules: SiteServer) -> Iterator[Page]:
    """A page whose canvas gives back noise, as where fingerprinting is resisted."""
    page = browser.new_page()
    page.add_init_script(ALTERED)
    page.goto(modules.url)
    yield page
    page.close()


def page_answer(page: Page, data: bytes, script: str = DECODE) -> RGBImage | str:
    answer: Any = page.evaluate(script, base64.b64encode(data).decode())
    if isinstance(answer, str):
        return answer
    width, height, pixels = answer
    return RGBImage(height, width, base64.b64decode(pixels))


def array(image: RGBImage | str) -> np.ndarray:
    assert isinstance(image, RGBImage), image
    return np.frombuffer(image.data, np.uint8).reshape(image.height, image.width, -1).astype(int)


def distance(one: RGBImage | str, other: RGBImage | str) -> int:
    """How far two images are apart, in steps of 255."""
    return int(np.abs(array(one) - array(other)).max())


def test_page_and_package_say_the_same(decoding_page: Page) -> None:
    verdicts: dict[str, tuple[str, str]] = {}
    apart: dict[str, int] = {}
    for name, make in ODD_IMAGES.items():
        seen = page_answer(decoding_page, make())
        expected = package_answer(make)
        verdicts[name] = (verdict(seen), verdict(expected))
        if isinstance(seen, RGBImage) and verdicts[name][0] == verdicts[name][1]:
            apart[name] = distance(seen, expected)
    write(verdicts)
    assert [name for name, far in apart.items() if far > NEAR.get(name, 0)] == []
    differing = [name for name, (seen, expected) in verdicts.items() if seen != expected]
    assert [name for name in differing if not name.startswith(PACKAGE_ONLY)] == []
    assert verdicts == documented()


@pytest.mark.parametrize(
    "make",
    [
        jpeg,
        lambda: jpeg(progressive=True),
        png,
        lambda: encoded(picture().quantize(64), "GIF"),
        lambda: webp(exif=exif(6)),
        lambda: encoded(picture(), "BMP"),
    ],
)
def test_both_refuse_at_the_same_missing_byte(decoding_page: Page, make: Callable[[], bytes]) -> None:
    data = make()
    for missing in (*range(1, 24), 40, 200, 900):
        cut = data[:-missing]
        assert verdict(page_answer(decoding_page, cut)) == verdict(package_answer(lambda cut=cut: cut)), missing


@pytest.mark.parametrize(
    "make", [jpeg, png, lambda: encoded(picture().quantize(64), "GIF"), lambda: webp(exif=exif(6))]
)
def test_both_say_the_same_of_changed_bytes(decoding_page: Page, make: Callable[[], bytes]) -> None:
    for data in mutations(make(), 60):
        assert verdict(page_answer(decoding_page, data)) == verdict(package_answer(lambda data=data: data))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_preview_is_turned_as_the_model_sees_it(decoding_page: Page, orientation: int) -> None:
    for data in (jpeg(exif=b"Exif\0\0" + exif(orientation)), webp(exif=exif(orientation))):
        preview = array(page_answer(decoding_page, data, INSPECT))[..., :3]
        np.testing.assert_array_equal(preview, array(load_image(data)))


def test_the_preview_of_a_long_line_keeps_its_pixel(decoding_page: Page) -> None:
    line = png(chunk(b"eXIf", exif(6)), header=ihdr(4800, 1), data=scanlines(np.full((1, 4800 * 3), 90, np.uint8)))
    size = decoding_page.evaluate(
        """async (data) => {
          const { inspectImage } = await import("/engine/shared/image_pixels.js");
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          const { preview } = await inspectImage(new Blob([bytes]));
          const { width, height } = await createImageBitmap(preview);
          return [width, height];
        }""",
        base64.b64encode(line).decode(),
    )
    assert size == [1, 1600]


def test_the_preview_is_of_any_kind_that_is_taken(decoding_page: Page) -> None:
    for name in ("PNG: without IEND", "JPEG: without an end marker", "JPEG: short Adobe segment", "GIF: animated"):
        data = ODD_IMAGES[name]()
        preview = array(page_answer(decoding_page, data, INSPECT))[..., :3]
        np.testing.assert_array_equal(preview, array(load_image(data)), name)


def test_what_is_said_of_a_file_that_is_too_large(decoding_page: Page) -> None:
    said = decoding_page.evaluate("""async () => {
      const { inspectImage } = await import("/engine/shared/image_pixels.js");
      return inspectImage(new Blob([new Uint8Array(65 * 2 ** 20 - 9)])).catch(({ message }) => message);
    }""")
    with pytest.raises(InputError) as native:
        load_image(bytes(65 * 2**20 - 9))
    assert said == str(native.value)
    assert "65 MB" in said


@pytest.mark.parametrize("name", ["JPEG: cut off at 97 %", "PNG: cut off at 60 %", "WebP: cut off at 97 %"])
def test_damage_is_found_by_inspection(decoding_page: Page, name: str) -> None:
    assert page_answer(decoding_page, ODD_IMAGES[name](), INSPECT) == "image-unreadable"


@pytest.mark.parametrize(
    "name",
    [
        "PNG: RGBA",
        "PNG: 16-bit RGBA",
        "PNG: palette with transparency",
        "JPEG: chroma 4:2:0",
        "JPEG: EXIF orientation 5",
        "JPEG: without an end marker",
        "WebP: EXIF orientation 6",
        "GIF: transparent",
        "BMP: 24 bits",
        *(f"AVIF: EXIF orientation {orientation}" for orientation in range(1, 9)),
    ],
)
def test_a_canvas_that_gives_back_noise_is_not_used(altering_page: Page, name: str) -> None:
    data = ODD_IMAGES[name]()
    assert distance(page_answer(altering_page, data), load_image(data)) == 0


@pytest.mark.parametrize(
    "and_frames",
    [
        "() => delete window.VideoFrame",
        "() => { VideoFrame.prototype.copyTo = async (into) => void crypto.getRandomValues(into); }",
        "() => { VideoFrame.prototype.copyTo = async () => { throw new TypeError('Unknown format.'); }; }",
    ],
)
def test_without_another_way_noise_is_named(altering_page: Page, and_frames: str) -> None:
    altering_page.evaluate(and_frames)
    assert page_answer(altering_page, png()) == "image-canvas-altered"
    assert page_answer(altering_page, png(), INSPECT) == "image-canvas-altered"


def test_damage_is_found_without_a_canvas_too(altering_page: Page) -> None:
    assert page_answer(altering_page, ODD_IMAGES["PNG: cut off at 60 %"]()) == "image-unreadable"
    assert page_answer(altering_page, ODD_IMAGES["JPEG: cut off at 60 %"]()) == "image-unreadable"


def test_where_memory_is_short_the_picture_is_not_called_damaged(altering_page: Page) -> None:
    altering_page.evaluate(
        """() => {
          const { getImageData } = OffscreenCanvasRenderingContext2D.prototype;
          let reads = 0;
          OffscreenCanvasRenderingContext2D.prototype.getImageData = function (...area) {
            if (reads++) throw new RangeError("Out of memory");
            const image = getImageData.apply(this, area);
            for (let at = 0; at < image.data.length; at++) image.data[at] = at % 4 === 3 ? 255 : (at * 37) & 255;
            return image;
          };
        }"""
    )
    assert page_answer(altering_page, png()) == "memory-refused"


@pytest.mark.parametrize("name", ["JPEG: baseline", "PNG: RGBA", "GIF: transparent", "WebP: EXIF orientation 6"])
def test_a_decoder_gets_a_file_in_one_part(browser: Browser, modules: SiteServer, name: str) -> None:
    page = browser.new_page()
    page.add_init_script(FIRST_PART)
    page.goto(modules.url)
    data = ODD_IMAGES[name]()
    assert distance(page_answer(page, data), load_image(data)) == 0
    page.close()


def test_large_pictures_are_read_in_bands(decoding_page: Page) -> None:
    """Wider than one, and higher."""
    for size in ((20_000, 300), (300, 20_000)):
        noise = Image.effect_noise((500, 500), 90).resize(size, Image.Resampling.NEAREST)
        data = encoded(noise, "PNG")
        assert distance(page_answer(decoding_page, data), load_image(data)) == 0
