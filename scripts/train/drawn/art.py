"""Pictures of things with a name: Fluent Emoji 3D (MIT, Microsoft), named by Unicode."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image

from ..sources import emoji_folders

GROUPS = {"Animals & Nature", "Food & Drink", "Travel & Places", "Activities", "Objects"}
LARGEST = 190
"""Pixels of the largest drawing in a scene; art is kept at this size."""

# Names that a picture does not show, or that are faces, signs and times of day.
EXCLUDED = (
    "face", "monkey", "o’clock", "thirty", "moon", "sun", "hole", "globe", "map", "button", "sign", "first", "second",
    "third", "japanese", "world", "night", "city", "sunrise", "sunset", "milky", "bridge at", "foggy", "closed",
    "inbox", "outbox", "label", "paw", "cloud", "wind", "spiral", "high ", "dotted", "watch", "clock", "full ",
    "new ", "down", "up ", "chart",
)  # fmt: skip


@dataclass(frozen=True)
class Emoji:
    """A name of at most two words, and its picture's file."""

    name: str
    path: str
    group: str


@cache
def emojis() -> tuple[Emoji, ...]:
    """Every emoji that the scenes draw, in Unicode's order."""
    names, art = emoji_folders()
    found = []
    for character, entry in json.loads((names / "data-by-emoji.json").read_text()).items():
        name = entry["name"].lower()
        if entry["group"] not in GROUPS or len(name.split()) > 2 or any(word in name for word in EXCLUDED):
            continue
        code = "-".join(f"{ord(c):04x}" for c in character)
        for candidate in (code, code.replace("-fe0f", "")):
            path = art / "assets" / f"{candidate}.webp"
            if path.exists():
                found.append(Emoji(name, str(path), entry["group"]))
                break
    return tuple(found)


@cache
def picture(path: str) -> Image.Image:
    """An emoji as RGBA, LARGEST pixels wide."""
    return Image.open(Path(path)).convert("RGBA").resize((LARGEST, LARGEST), Image.Resampling.LANCZOS)
