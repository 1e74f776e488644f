"""Readers of public sets, on made-up folders in the layouts that their sites hand out."""

from __future__ import annotations

import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from support.environment import ScriptError
from train.dataset import prepare
from train.dataset.photos import Photo
from train.dataset.public_sets import PublicSets, read_public_sets, without_held_out
from train.rows import Question, Row, read_rows


def write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(file, "JPEG")
    return file.getvalue()


def draw(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(picture())
    return path


def read(
    coco: Path | None = None,
    vqa: Path | None = None,
    textcaps: Path | None = None,
    limit: int = 100,
    held_out: int = 100,
) -> list[Photo]:
    return list(read_public_sets(PublicSets(coco, vqa, textcaps, limit), held_out))


def ordered(photos: list[Photo]) -> list[Photo]:
    return sorted(photos, key=lambda photo: photo.path)


def coco_list(folder: Path, part: str, captions: dict[int, list[str]]) -> None:
    """Write a list of captions, whose images have the names of its year."""
    prefix = f"COCO_{part}_" if part.endswith("2014") else ""
    pairs = [(number, caption) for number, said in captions.items() for caption in said]
    write(
        folder / "annotations" / f"captions_{part}.json",
        {
            "info": {"description": "COCO Dataset", "year": int(part[-4:])},
            "licenses": [{"id": 1, "name": "Attribution License", "url": "-"}],
            "images": [
                {"license": 1, "file_name": f"{prefix}{number:012}.jpg", "height": 6, "width": 8, "id": number}
                for number in captions
            ],
            "annotations": [{"image_id": n, "id": 7 + i, "caption": caption} for i, (n, caption) in enumerate(pairs)],
        },
    )


def coco_folder(folder: Path, year: str = "2017", train: range = range(9, 12), val: range = range(20, 22)) -> Path:
    prefixes = {"2017": "", "2014": "COCO_{}2014_"}
    for split, numbers in (("train", train), ("val", val)):
        coco_list(folder, split + year, {number: [f"Dog {number}.", " A \n dog. "] for number in numbers})
        for number in numbers:
            draw(folder / f"{split}{year}" / f"{prefixes[year].format(split)}{number:012}.jpg")
    return folder


def answered(question: int, image: int, answers: list[str], kind: str = "other") -> dict[str, Any]:
    """An entry of VQA's annotations."""
    return {
        "question_type": "none of the above",
        "multiple_choice_answer": Counter(answers).most_common(1)[0][0],
        "answers": [
            {"answer": answer, "answer_confidence": "yes", "answer_id": i} for i, answer in enumerate(answers, 1)
        ],
        "image_id": image,
        "answer_type": kind,
        "question_id": question,
    }


def vqa_list(folder: Path, split: str, asked: list[tuple[int, str, list[str], str]]) -> None:
    """Write questions and answers; asked: image, question, ten answers, type."""
    head = {"info": {"year": 2014, "version": "2.0"}, "data_type": "mscoco", "data_subtype": f"{split}2014"}
    numbered = [(1000 * image + i, image, *rest) for i, (image, *rest) in enumerate(asked)]
    write(
        folder / f"v2_OpenEnded_mscoco_{split}2014_questions.json",
        {
            **head,
            "task_type": "Open-Ended",
            "questions": [{"image_id": i, "question": text, "question_id": q} for q, i, text, _, _ in numbered],
        },
    )
    write(
        folder / f"v2_mscoco_{split}2014_annotations.json",
        {**head, "annotations": [answered(q, i, answers, kind) for q, i, _, answers, kind in numbered]},
    )


def yes_no(image: int, text: str, answer: str) -> tuple[int, str, list[str], str]:
    return image, text, [answer] * 10, "yes/no"


def textcaps_list(folder: Path, split: str, captions: dict[str, list[str]]) -> None:
    write(
        folder / f"TextCaps_0.1_{split}.json",
        {
            "dataset_type": split,
            "dataset_name": "textcaps",
            "dataset_version": "0.1",
            "data": [
                {
                    "image_id": image,
                    "image_classes": ["Book"],
                    "image_width": 8,
                    "image_height": 6,
                    "set_name": split,
                    "image_name": image,
                    "image_path": f"train/{image}.jpg",
                    "caption_id": i,
                    "caption_str": caption,
                    "reference_strs": said,
                }
                for image, said in captions.items()
                for i, caption in enumerate(said)
            ],
        },
    )


@pytest.mark.parametrize("year", ["2017", "2014"])
def test_coco(tmp_path: Path, year: str) -> None:
    prefix = {"2017": ("", ""), "2014": ("COCO_train2014_", "COCO_val2014_")}[year]
    folder = coco_folder(tmp_path, year, range(9, 11), range(20, 21))
    assert ordered(read(coco=folder)) == [
        Photo(
            folder / f"train{year}" / f"{prefix[0]}000000000009.jpg", Row("coco", "train", ["Dog 9.", "A dog."])
        ),
        Photo(
            folder / f"train{year}" / f"{prefix[0]}000000000010.jpg", Row("coco", "train", ["Dog 10.", "A dog."])
        ),
        Photo(folder / f"val{year}" / f"{prefix[1]}000000000020.jpg", Row("coco", "val", ["Dog 20.", "A dog."])),
    ]  # fmt: skip


def test_textcaps(tmp_path: Path) -> None:
    textcaps_list(tmp_path, "train", {"a1": ["A sign says “Stop”.", "A red sign."], "b2": ["A book."]})
    textcaps_list(tmp_path, "val", {"c3": ["A clock."]})
    paths = [draw(tmp_path / "train_images" / f"{name}.jpg") for name in ("a1", "b2", "c3")]
    assert ordered(read(textcaps=tmp_path)) == [
        Photo(paths[0], Row("textcaps", "train", ["A sign says “Stop”.", "A red sign."])),
        Photo(paths[1], Row("textcaps", "train", ["A book."])),
        Photo(paths[2], Row("textcaps", "val", ["A clock."])),
    ]


def test_vqa_keeps_short_answers_that_three_give(tmp_path: Path) -> None:
    coco = coco_folder(tmp_path / "coco", "2014", range(9, 11), range(20, 21))
    vqa_list(
        tmp_path,
        "train",
        [
            (9, "What color is the  car?", ["red"] * 3 + list("abcdefg"), "other"),
            (9, "What is it?", ["dog"] * 2 + list("abcdefgh"), "other"),
            (9, "Why?", ["it is a dog"] * 10, "other"),
            (9, "How many dogs are there?", ["2"] * 9 + ["3"], "number"),
            (9, "How many people are there?", ["30"] * 10, "number"),
            (9, "What number is on the bus?", ["2"] * 10, "number"),
            (10, "Why?", ["they are all very tired"] * 10, "other"),
        ],
    )
    vqa_list(tmp_path, "val", [(20, "What is it?", ["dog"] * 10, "other")])
    photos = [photo for photo in read(coco=coco, vqa=tmp_path) if photo.row.source == "vqa"]
    assert photos == [
        Photo(
            coco / "train2014" / "COCO_train2014_000000000009.jpg",
            Row(
                "vqa",
                "train",
                [],
                [
                    Question("What color is the car?", "red", "other"),
                    Question("How many dogs are there?", "two", "number"),
                    Question("How many people are there?", "30", "number"),
                    Question("What number is on the bus?", "2", "number"),
                ],
            ),
        ),
        Photo(
            coco / "val2014" / "COCO_val2014_000000000020.jpg",
            Row("vqa", "val", [], [Question("What is it?", "dog", "other")]),
        ),
    ]


def test_vqa_takes_images_of_coco_2017(tmp_path: Path) -> None:
    coco = coco_folder(tmp_path / "coco", train=range(9, 11), val=range(20, 21))
    for split, image in (("train", 9), ("val", 20)):
        vqa_list(tmp_path, split, [(image, "What is it?", ["dog"] * 10, "other")])
    paths = [photo.path for photo in read(coco=coco, vqa=tmp_path) if photo.row.source == "vqa"]
    assert paths == [coco / "train2017" / "000000000009.jpg", coco / "val2017" / "000000000020.jpg"]


def balanced_photos(folder: Path, limit: int) -> list[Photo]:
    """Training photos of a VQA set with more yes than no."""
    coco = coco_folder(folder / "coco", "2014", range(1, 101))
    asked = [yes_no(image, "Is it sunny?", "no" if image % 4 == 0 else "yes") for image in range(1, 101)]
    asked += [yes_no(image, " is it  SUNNY", "yes") for image in range(1, 11)]
    asked += [yes_no(image, "Is this a dog?", "yes") for image in range(1, 51)]
    for image in range(1, 101, 2):
        asked += [yes_no(image + i, f"Is it {image}?", answer) for i, answer in enumerate(("yes", "no"))]
    vqa_list(folder, "train", asked)
    vqa_list(folder, "val", asked[:0])
    return [photo for photo in read(coco=coco, vqa=folder, limit=limit) if photo.row.source == "vqa"]


@pytest.mark.parametrize("limit", [10, 60, 100])
def test_words_alone_do_not_answer_vqa(tmp_path: Path, limit: int) -> None:
    photos = balanced_photos(tmp_path, limit)
    questions = [question for photo in photos for question in photo.row.questions]
    counts = Counter((question.q.lower().rstrip("?"), question.a) for question in questions)
    assert {answer for _, answer in counts} == {"yes", "no"}
    assert all(counts[words, "yes"] == counts[words, "no"] for words, _ in counts)
    assert counts["is this a dog", "yes"] == 0
    assert len({photo.path for photo in photos}) == len(photos) <= limit
    assert len(photos) >= 0.8 * limit  # images whose questions pair up came together
    if limit == 100:
        assert counts["is it sunny", "no"] == 25


def test_a_limit_takes_a_seeded_sample(tmp_path: Path) -> None:
    coco = coco_folder(tmp_path / "coco", train=range(1, 41), val=range(50, 60))
    textcaps_list(tmp_path, "train", {f"a{i}": ["A sign."] for i in range(40)})
    textcaps_list(tmp_path, "val", {f"b{i}": ["A sign."] for i in range(40)})
    for name in [f"{letter}{i}" for letter in "ab" for i in range(40)]:
        draw(tmp_path / "train_images" / f"{name}.jpg")
    photos = read(coco=coco, textcaps=tmp_path, limit=7, held_out=3)
    assert Counter((photo.row.source, photo.row.split) for photo in photos) == {
        ("coco", "train"): 7, ("coco", "val"): 3, ("textcaps", "train"): 7, ("textcaps", "val"): 3,
    }  # fmt: skip
    assert photos == read(coco=coco, textcaps=tmp_path, limit=7, held_out=3)
    assert [photo.path.stem for photo in photos][:7] != [f"{i:012}" for i in range(1, 8)]


def test_images_that_are_not_there_are_left_out_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = coco_folder(tmp_path)
    (folder / "train2017" / "000000000010.jpg").unlink()
    for path in (folder / "val2017").iterdir():
        path.unlink()
    assert [photo.path.stem for photo in ordered(read(coco=folder))] == ["000000000009", "000000000011"]
    assert capsys.readouterr().err.splitlines() == [
        "captions_train2017.json: 1 of 3 images are not there and left out",
        "captions_val2017.json: 2 of 2 images are not there and left out",
    ]


def test_no_image_at_all_is_an_error(tmp_path: Path) -> None:
    folder = coco_folder(tmp_path)
    (folder / "train2017").rename(folder / "images")
    with pytest.raises(
        ScriptError, match=r"captions_train2017\.json .*/train2017/000000000009\.jpg .*cocodataset\.org"
    ):
        read(coco=folder)


def test_missing_lists_are_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"captions_train2017\.json nor captions_train2014\.json .*cocodataset\.org"):
        read(coco=tmp_path)
    with pytest.raises(ScriptError, match=r"/TextCaps_0\.1_train\.json is not there\. .*textvqa\.org"):
        read(textcaps=tmp_path)
    with pytest.raises(ScriptError, match="--coco"):
        read(vqa=tmp_path)
    coco = coco_folder(tmp_path / "coco", "2014")
    for split in ("train", "val"):
        for name in (f"v2_OpenEnded_mscoco_{split}2014_questions.json", f"v2_mscoco_{split}2014_annotations.json"):
            with pytest.raises(ScriptError, match=rf"/{name} is not there\. .*visualqa\.org"):
                read(coco=coco, vqa=tmp_path)
            image = {"train": 9, "val": 20}[split]
            vqa_list(tmp_path / "whole", split, [(image, "What is it?", ["dog"] * 10, "other")])
            (tmp_path / "whole" / name).rename(tmp_path / name)
    assert read(coco=coco, vqa=tmp_path)
    (coco / "annotations" / "captions_val2014.json").unlink()
    with pytest.raises(ScriptError, match=r"/captions_val2014\.json is not there"):
        read(coco=coco)


@pytest.mark.parametrize("content", ['{"data": [{"image_id": "a1", "capt', "\xff", ""])
def test_a_list_that_was_cut_short_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "TextCaps_0.1_train.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(ScriptError, match=r"/TextCaps_0\.1_train\.json is damaged or cut short: .*textvqa\.org"):
        read(textcaps=tmp_path)


@pytest.mark.parametrize("content", [[], {}, {"data": {}}, {"data": [1]}, {"data": [{"image_id": "a1"}]}])
def test_another_file_under_the_name_is_named(tmp_path: Path, content: Any) -> None:
    write(tmp_path / "TextCaps_0.1_train.json", content)
    with pytest.raises(ScriptError, match=r"json has no list 'data' of entries with caption_str, image_id\. "):
        read(textcaps=tmp_path)


def test_answers_to_other_questions_are_an_error(tmp_path: Path) -> None:
    coco = coco_folder(tmp_path / "coco", "2014")
    vqa_list(tmp_path, "train", [(9, "What is it?", ["dog"] * 10, "other")])
    write(tmp_path / "v2_OpenEnded_mscoco_train2014_questions.json", {"questions": []})
    with pytest.raises(ScriptError, match=r"v2_mscoco_train2014_annotations\.json answers question 9000"):
        read(coco=coco, vqa=tmp_path)


def test_what_is_held_out_under_another_name_is_not_trained_on() -> None:
    def photo(path: str, source: str, split: str) -> Photo:
        return Photo(Path(path), Row(source, split))

    held_out = photo("val2014/COCO_val2014_000000000020.jpg", "vqa", "val")
    others = [
        photo("train2017/000000000021.jpg", "coco", "train"),
        photo("train_images/000000000020.jpg", "textcaps", "train"),
        photo("a.jpg", "coco", "train"),
        photo("b.jpg", "flickr", "val"),
    ]
    same = photo("train2017/000000000020.jpg", "coco", "train")
    assert without_held_out([same, held_out, *others]) == [held_out, *others]


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to prepare a set; nothing is fetched."""
    write(tmp_path / "easy-vqa" / "train" / "questions.json", [])
    monkeypatch.setattr(prepare, "easy_vqa_folder", lambda: tmp_path / "easy-vqa")
    monkeypatch.setattr(prepare, "emoji_folders", lambda: None)
    monkeypatch.setattr(prepare, "fonts", lambda: None)
    monkeypatch.setattr(prepare, "with_parsed_questions", list)  # the parser is for training alone
    return tmp_path / "set"


NOTHING_DRAWN = dict.fromkeys(prepare.SEEDS, 0)


def test_prepare_mirrors_photos_but_nothing_that_is_read(tmp_path: Path, out: Path) -> None:
    coco = coco_folder(tmp_path / "coco", "2014", range(9, 11), range(20, 21))
    for split, image in (("train", 9), ("val", 20)):
        vqa_list(tmp_path, split, [(image, "What is it?", ["dog"] * 10, "other")])
        textcaps_list(tmp_path, split, {f"a{image}": ["A sign."]})
        draw(tmp_path / "train_images" / f"a{image}.jpg")
    prepare.prepare(out, [], PublicSets(coco, tmp_path, tmp_path, 100), NOTHING_DRAWN, 1)
    rows = list(read_rows(out / "rows.jsonl"))
    assert len(np.load(out / "pixels.npy")) == len(rows)
    assert Counter((row.source, row.split) for row in rows) == {
        ("coco", "train"): 4, ("coco", "val"): 1, ("vqa", "train"): 1, ("vqa", "val"): 1,
        ("textcaps", "train"): 1, ("textcaps", "val"): 1,
    }  # fmt: skip


@pytest.mark.parametrize("content", [b"<html>", picture()[:-200]])
def test_prepare_names_a_damaged_image(tmp_path: Path, out: Path, content: bytes) -> None:
    coco = coco_folder(tmp_path / "coco")
    (coco / "train2017" / "000000000010.jpg").write_bytes(content)
    with pytest.raises(ScriptError, match=r"/train2017/000000000010\.jpg is no image or cut short"):
        prepare.prepare(out, [], PublicSets(coco, None, None, 100), NOTHING_DRAWN, 1)
