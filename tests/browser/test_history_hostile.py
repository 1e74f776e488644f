"""Archives that are not what they say: nothing foreign or damaged is taken into the history."""

from __future__ import annotations

import copy
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from history_files import PIXELS, edited, fill, image_name, of_first, pack, patched, rezip, unpack
from history_page import TABLES, HistoryTab


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


def bomb(data: bytes) -> bytes:
    """An image of 100 MB where the directory says 7,680 bytes."""
    name = image_name(data)
    zeros = rezip(data, lambda each, content: (each, b"\0" * 100_000_000 if each == name else content))
    return patched(zeros, name, size=len(PIXELS))


def flipped(data: bytes) -> bytes:
    at = data.index(PIXELS[:64]) + 20
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def twice(data: bytes) -> bytes:
    """The same name in two entries of the directory."""
    name = image_name(data)
    other = name[:-5] + ("a" if name[-5] != "a" else "b") + name[-4:]
    doubled = rezip(data, lambda each, content: (each, content))
    buffer = io.BytesIO(doubled)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(other, b"x")
    return buffer.getvalue().replace(other.encode(), name.encode())


def overlapping(data: bytes) -> bytes:
    """Many entries that share their bytes, as in a zip bomb without a second layer."""
    first = rezip(data)
    at, end = first.index(b"PK\x01\x02"), first.index(b"PK\x05\x06")
    entry = bytearray(first[at : first.index(b"PK\x01\x02", at + 4)])
    name = len("conversations.json")
    entries = b""
    for number in range(2000):
        entry[46 : 46 + name] = f"{number:0{name}}".encode()
        entries += bytes(entry)
    directory = first[at:end] + entries
    count = struct.unpack_from("<H", first, end + 10)[0] + 2000
    return first[:at] + directory + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)


HOSTILE: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "another file": ("archive-foreign", lambda data: b"GIF89a" + data),
    "nothing": ("archive-foreign", lambda data: b""),
    "another zip": ("archive-foreign", lambda data: rezip(data, lambda *file: None if "json" in file[0] else file)),
    "no JSON": ("archive-foreign", lambda data: rezip(data, lambda name, content: (name, content[:-2]))),
    "another format": ("archive-foreign", lambda data: edited(data, lambda content: {**content, "format": "x"})),
    "a list": ("archive-foreign", lambda data: edited(data, lambda content: [content])),
    "newer": ("archive-newer", lambda data: edited(data, lambda content: {**content, "version": 2})),
    "no version": ("archive-foreign", lambda data: edited(data, lambda content: {**content, "version": "1"})),
    "the same id twice": (
        "archive-foreign",
        lambda data: edited(
            data, lambda content: {**content, "conversations": copy.deepcopy(content["conversations"][1:2] * 2)}
        ),
    ),
    "an id that is a path": ("archive-foreign", of_first("id", "../x")),
    "a title that is a number": ("archive-foreign", of_first("title", 3)),
    "a title without end": ("archive-foreign", of_first("title", "x" * 2000)),
    "a time before all": ("archive-foreign", of_first("changed", -1)),
    "a time that is none": ("archive-foreign", of_first("created", 1e300)),
    "no messages": ("archive-foreign", of_first("messages", None)),
    "messages out of order": ("archive-foreign", of_first("messages.0.number", 0)),
    "an answer that is none": ("archive-foreign", of_first("messages.0.answer", "Yes.")),
    "a state that there is not": ("archive-foreign", of_first("messages.0.answer.state", "unfinished")),
    "an error that is a page": ("archive-foreign", of_first("messages.0.answer.error.code", "<b>")),
    "an image that is a page": ("archive-foreign", of_first("images.0.type", "text/html")),
    "an image without width": ("archive-foreign", of_first("images.0.width", 0)),
    "an image elsewhere": ("archive-damaged", of_first("images.0.file", "../../etc/passwd")),
    "an image of another size": ("archive-damaged", of_first("images.0.size", 1)),
    "a file for two images": ("archive-foreign", lambda data: of_first("images.1.file", image_name(data))(data)),
    "an image is missing": (
        "archive-damaged",
        lambda data: rezip(data, lambda *file: None if file[0] == image_name(data) else file),
    ),
    "cut short": ("archive-damaged", lambda data: data[: len(data) // 2]),
    "cut at its end": ("archive-damaged", lambda data: data[:-1]),
    "something behind it": ("archive-damaged", lambda data: data + b"x"),
    "something before it": ("archive-damaged", lambda data: b"PK" + data),
    "a flipped bit": ("archive-damaged", flipped),
    "another checksum": ("archive-damaged", lambda data: patched(data, image_name(data), crc=zlib.crc32(b"x"))),
    "a bomb": ("archive-damaged", bomb),
    "less than it says": ("archive-damaged", lambda data: patched(rezip(data), "conversations.json", size=200_000)),
    "far too much": ("archive-too-large", lambda data: patched(data, "conversations.json", size=2**31)),
    "encrypted": ("archive-damaged", lambda data: patched(data, image_name(data), flags=1)),
    "packed in another way": ("archive-damaged", lambda data: patched(data, image_name(data), method=12)),
    "out of the file": ("archive-damaged", lambda data: patched(data, image_name(data), packed=2**31)),
    "a name twice": ("archive-damaged", twice),
    "bytes that are shared": ("archive-damaged", overlapping),
}


def test_hostile_files_leave_nothing_behind(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    tab.do("removeAll")
    outcomes = {}
    for name, (_, make) in HOSTILE.items():
        result = unpack(tab, make(data), f"{name}.zip")
        outcomes[name] = result.get("code", result)
        if "code" in result:
            assert result["details"]["name"] == f"{name}.zip"
    assert outcomes == {name: code for name, (code, _) in HOSTILE.items()}
    assert {table: tab.stored(table) for table in TABLES} == {table: [] for table in TABLES}
    assert len(unpack(tab, data)["added"]) == 3, "unharmed, it is taken"


def test_a_bomb_is_left_as_soon_as_it_shows(tab: HistoryTab) -> None:
    fill(tab)
    data = bomb(pack(tab)[1])
    tab.page.evaluate(
        """() => {
          const { slice } = Blob.prototype;
          window.read = [];
          Blob.prototype.slice = function (start, end, ...rest) {
            if (!(this instanceof File)) window.read.push([start, end]);
            return slice.call(this, start, end, ...rest);
          };
        }"""
    )
    assert unpack(tab, data)["code"] == "archive-damaged"
    assert tab.page.evaluate("() => window.read.at(-1)") == [0, 16_384], "one chunk of the bomb, of six"


def test_fields_that_nobody_knows_are_left_out(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "What?", "This.")
    data = pack(tab)[1]
    tab.do("removeAll")

    def edit(content: Any) -> None:
        message = content["conversations"][0]["messages"][0]
        content["conversations"][0]["later"] = {"x": 1}
        message["image"] = "not-there"
        message["answer"]["facts"] = {"tokens": 3, "text": "<b>", "__proto__": {"x": 1}}

    assert unpack(tab, edited(data, edit))["added"] == [talk]
    (message,) = tab.do("conversation", talk)["messages"]
    assert [message["image"], message["answer"]["facts"]] == [None, {"tokens": 3}]
    assert "later" not in tab.stored("conversations")[0]


def test_an_image_of_more_than_the_page_takes_is_refused(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    large = patched(of_first("images.0.size", 2**27)(data), image_name(data), size=2**27)
    assert unpack(tab, large) == {
        "code": "archive-too-large",
        "details": {"name": "history.zip", "megabytes": 128, "limit": 64},
    }


def test_what_does_not_fit_is_taken_back(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    tab.do("removeAll")
    kept = tab.do("begin")
    tab.talk(kept, "Mine?", "Yes.")
    tab.page.evaluate(
        """() => {
          const { put } = IDBObjectStore.prototype;
          let left = 6; // the first of them, and a part of the second
          IDBObjectStore.prototype.put = function (...rest) {
            if (left-- <= 0) throw new DOMException("No room.", "QuotaExceededError");
            return put.apply(this, rest);
          };
        }"""
    )
    assert unpack(tab, data) == {"code": "history-full", "details": {}}
    assert [row["title"] for row in tab.do("list")["conversations"]] == ["Mine?"]
    assert len(tab.stored("messages")) == 1


def test_no_room_is_told_before_anything_is_written(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    tab.do("removeAll")
    tab.page.evaluate("() => { navigator.storage.estimate = async () => ({ usage: 990, quota: 1000 }); }")
    tab.call("watch")
    assert unpack(tab, data) == {"code": "history-full", "details": {}}
    assert {name for name in tab.call("counted") if name.endswith("put")} == set()
