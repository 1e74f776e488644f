"""Which characters the shipped recogniser knows, of the 18,708 that the published one does.

All that a code page for languages in Latin script holds, and a few signs beside: so the rule is public, and the list
follows from Python's own tables. CJK, and with it two thirds of the last layer, is left to the full head.
"""

from __future__ import annotations

from collections.abc import Sequence

CODE_PAGES = (
    "cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "iso8859_3", "iso8859_10", "iso8859_14", "iso8859_16",
    "cp437", "cp850", "mac_roman",
)  # fmt: skip
"""Western, Central European, Turkish, Baltic, Vietnamese, South European, Nordic, Celtic, South-Eastern;
DOS and Macintosh."""

CURRENCY = range(0x20A0, 0x20D0)
SIGNS = "←↑→↓★☆☐☑☒✓✔✕✖✗✘●○■□▪▲▼◆◇℃℉№"
"""Arrows, boxes and ticks of forms, bullets."""

SPACE = " "


def is_latin(character: str) -> bool:
    """Whether the shipped head has a class for this character."""
    if character in SIGNS or ord(character[0]) in CURRENCY:
        return True
    return any(_holds(page, character) for page in CODE_PAGES)


def latin_classes(characters: Sequence[str]) -> list[int]:
    """Return the classes to keep: the blank, the Latin characters in their order, and the space.

    `characters` are those of classes 1 to n; class n + 1 is the space, as PP-OCR has it.
    """
    kept = [index for index, character in enumerate(characters, 1) if is_latin(character)]
    return [0, *kept, len(characters) + 1]


def _holds(page: str, character: str) -> bool:
    try:
        character.encode(page)
    except UnicodeEncodeError:
        return False
    return True
