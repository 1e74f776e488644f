"""A browser that shows the page in one state after the other, and takes pictures of each as often as is wanted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect

from endurance.tab import LONGEST_MS, Tab

from .page_scenes import CLOCK, SCENES

Scheme = Literal["light", "dark"]
WIDTH, PHONE = 1280, (390, 844)
SCALE = 2
"""Pixels of a picture for each of the page's."""
_SPEAK = """async (code) => {
  const menu = document.querySelector("#language");
  menu.value = code;
  menu.dispatchEvent(new Event("change"));
  while (document.documentElement.lang.split("-")[0] !== code) await new Promise((next) => setTimeout(next, 20));
  await document.fonts.ready;
}"""


@dataclass(frozen=True)
class Look:
    """In which colours and language the page is seen."""

    scheme: Scheme
    language: str

    @property
    def name(self) -> str:
        """As files are called."""
        return f"{self.scheme}-{self.language}"


def shots(chromium: Browser, url: str, name: str, looks: Sequence[Look]) -> list[bytes]:
    """Return PNG files of a scene, one for each look: the page comes to the state once, and is switched there."""
    scene = SCENES[name]
    width, height = PHONE if scene.is_phone else (WIDTH, scene.height)
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=SCALE,
        is_mobile=scene.is_phone,
        has_touch=scene.is_phone,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        service_workers="block",  # else what is to be missing would come from it
    )
    context.add_init_script(CLOCK)
    page = context.new_page()
    expect.set_options(timeout=LONGEST_MS)
    scene.reach(Tab(page, url))
    taken = [_take(page, look) for look in looks]
    context.close()
    return taken


def _take(page: Page, look: Look) -> bytes:
    page.emulate_media(color_scheme=look.scheme)
    page.evaluate(_SPEAK, look.language)
    return page.screenshot(animations="disabled", caret="hide")


def webp(file: bytes) -> bytes:
    """The same pixels in less than half of the bytes."""
    small = io.BytesIO()
    Image.open(io.BytesIO(file)).convert("RGB").save(small, "WEBP", lossless=True, quality=100, method=6)
    return small.getvalue()
