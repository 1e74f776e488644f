"""parts.json: parts without gaps, of a size that a download can be continued by, ending where stages end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinyvlm.errors import ModelError
from tinyvlm.folder import part_list
from tinyvlm.folder.part_list import write_part_list
from tinyvlm.hub.web_folder import parse_part_list


def written(folder: Path, data: bytes, ends: list[int]) -> list[dict[str, object]]:
    """The parts of a file, after what every list has to keep to was checked."""
    (folder / "weights").write_bytes(data)
    write_part_list(folder, ["weights"], {"weights": ends})
    (entry,) = json.loads((folder / "parts.json").read_text())["files"]
    assert (entry["size"], entry["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    parts = entry.get("parts", [])
    offset = 0
    for part in parts:
        piece = data[offset : offset + part["length"]]
        assert (part["offset"], part["sha256"]) == (offset, hashlib.sha256(piece).hexdigest())
        assert part["length"] > 0
        offset += part["length"]
    assert not parts or offset == len(data)
    return parts


@given(st.integers(0, 5000), st.lists(st.integers(0, 5000), max_size=4))
def test_parts_follow_one_another_and_end_where_stages_end(
    tmp_path_factory: pytest.TempPathFactory, size: int, ends: list[int]
) -> None:
    ends = [end for end in ends if end <= size]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(part_list, "PART_BYTES", 400)
        patch.setattr(part_list, "LEAST_PART_BYTES", 50)
        parts = written(tmp_path_factory.mktemp("parts"), bytes(i % 251 for i in range(size)), ends)
    assert all(part["length"] <= max(min(-(-size // 8), 400), 50) for part in parts)
    lasts = {part["offset"] + part["length"] for part in parts} or {size}
    assert set(ends) - {0} <= lasts
    if any(ends):
        assert [part["stage"] for part in parts] == [
            sum(0 < end <= part["offset"] for end in set(ends)) for part in parts
        ]


def test_small_files_are_one_part_and_others_about_eight(tmp_path: Path) -> None:
    assert written(tmp_path, bytes(1 << 20), []) == []
    assert [part["length"] for part in written(tmp_path, bytes(12 << 20), [])] == [(12 << 20) // 8] * 8
    assert [part["length"] for part in written(tmp_path, bytes(80 << 20), [])] == [8 << 20] * 10


def listed(files: int = 1, parts: int = 0) -> bytes:
    """A part list of so many files, each in so many parts of a byte."""
    digest = "0" * 64
    rows = [{"offset": index, "length": 1, "sha256": digest} for index in range(parts)]
    facts = {"size": parts, "sha256": digest, "parts": rows}
    return json.dumps({"format": 1, "files": [{"name": f"{index}.json", **facts} for index in range(files)]}).encode()


@pytest.mark.parametrize(("most", "files", "parts"), [("files", 64, 0), ("parts", 1, 4096)])
def test_a_strangers_list_may_be_so_long_and_no_longer(most: str, files: int, parts: int) -> None:
    read = parse_part_list(listed(files, parts), "http://host/model/")
    assert [len(read), *{len(found) for found in read.values()}] == [files, parts]
    with pytest.raises(ModelError) as caught:
        parse_part_list(listed(files + (most == "files"), parts + (most == "parts")), "http://host/model/")
    assert (caught.value.code, caught.value.details) == (
        "part-list-invalid",
        {"url": "http://host/model/parts.json"},
    )
