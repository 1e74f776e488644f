"""Archives of the history: made in a tab, looked into, and changed by other hands."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable
from typing import Any

from history_page import HistoryTab

PIXELS = bytes(range(256)) * 30
OTHER_PIXELS = b"PK\x03\x04 PK\x07\x08 PK\x01\x02 PK\x05\x06" * 50
"""What zip files are made of, where only pixels should be."""


def pack(tab: HistoryTab, talk: str | None = None) -> tuple[str, bytes]:
    exported = tab.call("pack", talk)
    return exported["name"], base64.b64decode(exported["data"])


def unpack(tab: HistoryTab, data: bytes, name: str = "history.zip") -> dict[str, Any]:
    result: dict[str, Any] = tab.call("unpack", base64.b64encode(data).decode(), name)
    return result


def fill(tab: HistoryTab) -> list[str]:
    """Three conversations, the first of them with images; the one that changed last stands first."""
    talks = [tab.do("begin") for _ in range(3)]
    images = [tab.call("addBytes", talks[2], list(data), "image/png") for data in (PIXELS, OTHER_PIXELS)]
    tab.talk(talks[0], "Café? 你好", "<b>&amp; \u202e\x00" + "é" * 3000)
    tab.ask(talks[1], "Unfinished?")
    tab.answer(1, "write", "so far")
    tab.ask(talks[2], "Which?", image=images[1])
    tab.answer(1, "fail", {"code": "engine-stopped", "details": {"n": 1}})
    tab.do("rename", talks[2], "Named: a/b")
    tab.do("keepDraft", talks[2], {"text": "dr"})
    tab.do("idle")
    return [row["id"] for row in tab.do("list")["conversations"]]


def talks_of(data: bytes) -> list[dict[str, Any]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        conversations: list[dict[str, Any]] = json.loads(archive.read("conversations.json"))["conversations"]
    return conversations


def rezip(data: bytes, change: Callable[[str, bytes], tuple[str, bytes] | None] = lambda *file: file) -> bytes:
    """Pack the same files anew, deflated, with changes."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if (changed := change(name, old.read(name))) is not None:
                new.writestr(*changed)
    return buffer.getvalue()


def edited(data: bytes, edit: Callable[[Any], Any]) -> bytes:
    """With another conversations.json."""

    def change(name: str, content: bytes) -> tuple[str, bytes]:
        if name != "conversations.json":
            return name, content
        parsed = json.loads(content)
        return name, json.dumps(edit(parsed) or parsed).encode()

    return rezip(data, change)


def patched(data: bytes, name: str, **fields: int) -> bytes:
    """With other numbers in the directory's entry of a file, at their offsets in it (APPNOTE 4.3.12)."""
    offsets = {"flags": (8, "<H"), "method": (10, "<H"), "crc": (16, "<I"), "packed": (20, "<I"), "size": (24, "<I")}
    result = bytearray(data)
    at = struct.unpack_from("<I", data, data.rindex(b"PK\x05\x06") + 16)[0]
    while not data[at + 46 :].startswith(name.encode()):
        at = data.index(b"PK\x01\x02", at + 4)
    for field, value in fields.items():
        offset, kind = offsets[field]
        struct.pack_into(kind, result, at + offset, value)
    return bytes(result)


def image_name(data: bytes) -> str:
    return next(image["file"] for talk in talks_of(data) for image in talk["images"])


def of_first(field: str, value: Any) -> Callable[[bytes], bytes]:
    """The first conversation with images has another value there; dots lead into lists and objects."""

    def edit(content: Any) -> None:
        place: Any = next(talk for talk in content["conversations"] if talk["images"])
        *path, last = [int(part) if part.isdigit() else part for part in field.split(".")]
        for part in path:
            place = place[part]
        place[last] = value

    return lambda data: edited(data, edit)
