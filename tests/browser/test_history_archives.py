"""The history as files: what is exported comes back to the byte, and nothing foreign or damaged is taken in."""

from __future__ import annotations

import base64
import copy
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from history_page import TABLES, HistoryTab

PIXELS = bytes(range(256)) * 30
OTHER_PIXELS = b"PK\x03\x04 PK\x07\x08 PK\x01\x02 PK\x05\x06" * 50
"""What zip files are made of, where only pixels should be."""


@pytest.fixture
def tab(history_tab: HistoryTab) -> HistoryTab:
    return history_tab


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


def test_all_that_is_exported_comes_back_to_the_byte(tab: HistoryTab, browser: Browser, history_url: str) -> None:
    talks = fill(tab)
    name, data = pack(tab)
    assert name == "tiny-vlm-history.zip"
    assert pack(tab)[1] == data, "the same things give the same file"
    exported = talks_of(data)
    assert [talk["id"] for talk in exported] == talks
    (named,) = [talk for talk in exported if talk["title"] == "Named: a/b"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(image["file"]) for image in named["images"]] == [PIXELS, OTHER_PIXELS]
        assert sorted(archive.namelist()) == sorted(["conversations.json", *(i["file"] for i in named["images"])])
    context = browser.new_context()
    other = HistoryTab(context.new_page(), history_url)
    assert unpack(other, data) == {"added": talks, "copied": 0, "skipped": 0}
    other.do("idle")
    assert pack(other)[1] == data
    other.open()
    assert pack(other)[1] == data
    assert [bytes(other.do("file", named["id"], image["id"])["bytes"]) for image in named["images"]] == [
        PIXELS,
        OTHER_PIXELS,
    ]
    rows = [{**row, "isNamed": row["isNamed"]} for row in other.do("list")["conversations"]]
    assert rows == [{**row, "bytes": rows[index]["bytes"]} for index, row in enumerate(tab.do("list")["conversations"])]
    states = [message["answer"]["state"] for talk in talks for message in other.do("conversation", talk)["messages"]]
    assert sorted(states) == ["done", "failed", "interrupted"]
    assert other.do("usage")["bytes"] == tab.do("usage")["bytes"] + len("so far"), "no answer of its is open any more"
    context.close()


def test_one_is_exported(tab: HistoryTab) -> None:
    talks = fill(tab)
    named = next(row["id"] for row in tab.do("list")["conversations"] if row["isNamed"])
    name, data = pack(tab, named)
    assert name == "Named a b.zip"
    assert [talk["id"] for talk in talks_of(data)] == [named]
    for talk in talks:
        tab.do("remove", talk)
    assert tab.call("pack", None) is None
    assert unpack(tab, data)["added"] == [named]
    assert tab.titles() == ["Named: a/b"]


def test_what_is_here_already_is_not_doubled(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "First?", "1")
    first = pack(tab)[1]
    tab.talk(talk, "Second?", "2")
    both = pack(tab)[1]
    assert unpack(tab, both) == {"added": [], "copied": 0, "skipped": 1}
    assert unpack(tab, first) == {"added": [], "copied": 0, "skipped": 1}, "here it has gone on"
    tab.do("remove", talk)
    assert unpack(tab, first)["added"] == [talk]
    copied = unpack(tab, both)
    assert [len(copied["added"]), copied["copied"], copied["skipped"]] == [1, 1, 0]
    assert [row[1] for row in tab.messages(talk)] == ["First?"], "what is here stays as it is"
    assert [row[1] for row in tab.messages(copied["added"][0])] == ["First?", "Second?"]
    assert unpack(tab, both) == {"added": [], "copied": 0, "skipped": 1}
    assert len(talks_of(pack(tab)[1])) == 2


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


def test_what_another_program_has_packed_anew_is_taken(tab: HistoryTab) -> None:
    fill(tab)
    data = pack(tab)[1]
    tab.do("removeAll")
    packed = rezip(data, lambda name, content: (f"Some folder/{name}", content))
    assert len(unpack(tab, packed)["added"]) == 3
    tab.do("idle")
    assert pack(tab)[1] == data


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
    at = data.index(b"PK\x01\x02" + data[data.index(b"PK\x01\x02") + 4 :][:0])
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
    "a file for two images": (
        "archive-foreign",
        lambda data: (
            edited(data, lambda content: content["conversations"][0]["images"][1].update(file=image_name(data)))
            if talks_of(data)[0]["images"]
            else of_first("images.1.file", image_name(data))(data)
        ),
    ),
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


@pytest.mark.allow_console_errors
def test_a_library_that_does_not_come_is_told(tab: HistoryTab) -> None:
    tab.talk(tab.do("begin"), "What?", "This.")
    tab.page.route("**/vendor/fflate.js", lambda route: route.abort())
    assert tab.page.evaluate(
        """async () => {
          const { pack, failed } = await import("/history_world.js");
          return pack(null).catch(failed);
        }"""
    ) == {"code": "page-download-failed", "details": {"file": "vendor/fflate.js"}}


def written(tab: HistoryTab, kind: str, talk: str) -> tuple[str, bytes]:
    exported = tab.call("write", kind, talk)
    return exported["name"], base64.b64decode(exported["data"])


def test_a_page_of_html_stands_alone_and_runs_nothing(tab: HistoryTab, page: Page, tmp_path: Path) -> None:
    talk = tab.do("begin")
    evil = "</p><script>document.title = 'run'</script><img src=x onerror=\"document.title='run'\">'&amp;"
    image = tab.call("draw", talk, "red", {"name": f"{evil}.png"})
    tab.talk(talk, evil, evil)
    tab.ask(talk, "Which?", image=image)
    tab.answer(2, "stop", {"text": "Half"})
    tab.do("idle")
    name, data = written(tab, "html", talk)
    assert name.endswith(".html")
    assert "/" not in name
    path = tmp_path / "exported.html"
    path.write_bytes(data)
    page.goto(path.as_uri())
    page.wait_for_function("() => [...document.images].every(({ complete }) => complete)")
    assert page.locator("h2").all_text_contents() == [evil, "Which?"]
    assert page.locator("p").all_text_contents()[1:] == [evil, "", "Half", "stopped"]
    assert page.evaluate("() => [...document.images].map((i) => [i.naturalWidth, i.alt])") == [[300, f"{evil}.png"]]
    assert page.evaluate("() => [document.title === 'run', document.scripts.length]") == [False, 0]
    assert page.evaluate("() => getComputedStyle(document.querySelector('p')).whiteSpace") == "pre-wrap"
    policy = page.locator("meta[http-equiv]").get_attribute("content")
    assert policy is not None
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'sha256-")
    assert "unsafe" not in policy


def test_markdown_reads_as_it_was_written(tab: HistoryTab) -> None:
    talk = tab.do("begin")
    tab.talk(talk, "Is *this* <b>one</b>?", "# No\n1. [x](y)\n- a_b\n\nEnd")
    tab.ask(talk, "Failed?")
    tab.answer(2, "fail", {"code": "engine-stopped", "details": {}})
    name, data = written(tab, "markdown", talk)
    year = tab.page.evaluate("new Date().toISOString().slice(0, 4)")
    assert name == "Is this b one b.md"
    assert data.decode().split("\n") == [
        "# Is \\*this\\* \\<b\\>one\\</b\\>?",
        "",
        f"*{year}*",
        "",
        "**Is \\*this\\* \\<b\\>one\\</b\\>?**",
        "",
        "\\# No  ",
        "1\\. \\[x\\](y)  ",
        "\\- a\\_b",
        "",
        "End",
        "",
        "**Failed?**",
        "",
        "*engine-stopped {}*",
        "",
    ]
    image = tab.call("addBytes", talk, list(PIXELS), "image/png")
    tab.ask(talk, "This?", image=image)
    name, data = written(tab, "markdown", talk)
    assert name == "Is this b one b.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == ["Is this b one b.md", "images/1.png"]
        assert archive.read("images/1.png") == PIXELS
        assert "![bytes](images/1.png)\n\n**This?**\n\n*being written*" in archive.read(archive.namelist()[0]).decode()


def test_what_is_not_there_is_not_exported(tab: HistoryTab) -> None:
    for kind in ("markdown", "html"):
        assert tab.call("write", kind, "nobody") is None
    assert tab.call("pack", "nobody") is None
