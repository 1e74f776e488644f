"""What the training pipeline promises of its texts and targets; torch, fonts and art are not needed here."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from train.dataset.photos import Photo, with_balanced_presence
from train.dataset.targets import GLYPHS, POOLED, UNKNOWN, Targets, look_target
from train.dataset.texts import BOS, EOS, IGNORED, Encoder, pack, spelled
from train.rows import Question, Region, Row, read_rows, write_rows
from train.words import counted, listed, plural, with_article

TOKENIZER = Path(__file__).resolve().parents[2] / "web/models/tinyvlm-13m/tokenizer.json"


@pytest.mark.parametrize(
    ("name", "many"), [("knife", "knives"), ("bus", "buses"), ("cherry", "cherries"), ("key", "keys"), ("fox", "foxes")]
)
def test_plurals(name: str, many: str) -> None:
    assert plural(name) == many


def test_phrases() -> None:
    assert with_article("owl") == "an owl"
    assert listed([counted("cat", 1), counted("dog", 2), counted("owl", 1)]) == "a cat, two dogs and an owl"


def test_rows_survive_their_file(tmp_path: Path) -> None:
    glyph = Region("A", 0.1, 0.2, 0.3, 0.4)
    asked = [Question("What?", "A “b”", "ocr", None, [glyph]), Question("Is there a cat?", "no", "presence", [], [])]
    row = Row("text", "val", ["A sign."], asked, [], [glyph])
    write_rows(tmp_path / "rows.jsonl", [row, row])
    assert list(read_rows(tmp_path / "rows.jsonl")) == [row, row]


def photos() -> list[Photo]:
    captions = [["A dog runs on the beach."], ["Two dogs play."], ["A man rides a horse."], ["A boat."], ["A woman."]]
    asked = [
        Question(f"Is there a {name} in the picture?", "no", "presence") for name in ("dog", "man", "horse", "boat")
    ]
    rows = [Row("flickr", "train", said, asked) for said in captions * 20]
    return [Photo(Path(f"{i}.jpg"), row) for i, row in enumerate(rows)]


def test_every_thing_is_asked_about_with_yes_as_often_as_with_no() -> None:
    counts = Counter(
        (re.search(r"\ban? (\w+)", question.q)[1], question.a)  # type: ignore[index]
        for photo in with_balanced_presence(photos(), 0)
        for question in photo.row.questions
    )
    things = {thing for thing, _ in counts}
    assert {"dog", "man", "horse", "boat"} <= things
    assert all(counts[thing, "yes"] == counts[thing, "no"] for thing in things)
    assert counts["dog", "yes"] == 40


def test_yes_means_that_a_caption_says_it_and_no_that_nothing_alike_is_said() -> None:
    for photo in with_balanced_presence(photos(), 0):
        said = photo.row.captions[0].lower()
        for question in photo.row.questions:
            thing = re.search(r"\ban? (\w+)", question.q)[1]  # type: ignore[index]
            assert (thing in said) == (question.a == "yes")
            assert not (thing == "person" and "man" in said and question.a == "no")


def test_a_cell_knows_what_lies_at_its_centre() -> None:
    row = Row("emoji", "train", things=[Region("cat", 0.5, 0.0, 1.0, 0.5)], glyphs=[Region("B", 0.0, 0.5, 0.1, 0.6)])
    targets = Targets([row])
    things = targets.thing_map(row, 14)
    assert things[3, 10] == targets.things.index("cat") + 1
    assert things[10, 3] == 0
    glyphs = targets.glyph_map(row, 28)
    assert set(np.unique(glyphs)) == {0, GLYPHS.index("B") + 1}
    assert glyphs[15, 1] == GLYPHS.index("B") + 1


def test_the_smallest_thing_marks_one_cell_and_stays_inside() -> None:
    row = Row("text", "train", glyphs=[Region("i", 0.999, 0.999, 1.001, 1.001), Region("%", 0.2, 0.2, 0.201, 0.201)])
    glyphs = Targets([row]).glyph_map(row, 28)
    assert glyphs[27, 27] == GLYPHS.index("i") + 1
    assert (glyphs == UNKNOWN).sum() == 1


def test_without_boxes_nothing_is_known() -> None:
    row = Row("flickr", "train", ["Dogs play."])
    targets = Targets([row])
    assert (targets.thing_map(row, 7) == UNKNOWN).all()
    assert [targets.words[i] for i in targets.word_numbers(row)] == targets.words
    assert set(targets.words) == {"dogs", "play"}


def test_questions_share_a_sequence_without_seeing_each_other() -> None:
    encoder = Encoder(TOKENIZER)
    packed = pack(
        [Question("What is this?", "a cat", "object"), Question("is there a dog", "no", "presence")], encoder, 64
    )
    first = encoder.question("What is this?")
    assert packed.kinds == ["object", "presence"]
    assert encoder.question("is there a dog") == encoder.question("Is there a dog?")
    assert packed.ids[: len(first)] == first
    assert first[0] == BOS
    assert sorted(set(packed.segments)) == [0, 1, 2]
    assert packed.positions[packed.segments.index(2)] == 0
    answers = [
        [label for label, s in zip(packed.labels, packed.segments, strict=True) if s == n and label >= 0]
        for n in (1, 2)
    ]
    assert [encoder.decode(answer) for answer in answers] == ["a cat", "no"]
    assert all(answer[-1] == EOS for answer in answers)
    assert all(len(values) == 64 for values in (packed.ids, packed.labels, packed.weights, packed.positions))


def test_the_label_is_the_next_token_and_a_short_answer_weighs_as_much_as_its_root() -> None:
    encoder = Encoder(TOKENIZER)
    packed = pack([Question("What is this?", "a cat", "object")], encoder, 64)
    wanted = encoder.question("What is this?") + encoder.answer("a cat")
    asked = [i for i, label in enumerate(packed.labels) if label != IGNORED]
    assert [packed.labels[i] for i in asked] == wanted[asked[0] + 1 :]
    assert sum(packed.weights) == pytest.approx(len(asked) ** 0.5)


def test_what_does_not_fit_is_left_out() -> None:
    packed = pack(
        [Question("What is this?", "word " * 90, "long"), Question("What is this?", "a cat", "short")],
        Encoder(TOKENIZER),
        32,
    )
    assert packed.kinds == ["short"]


def box(label: str, x: float, y: float) -> Region:
    return Region(label, x - 0.1, y - 0.1, x + 0.1, y + 0.1)


def test_one_looks_at_centres_and_at_the_pooled_token_for_what_is_not_there() -> None:
    middle = look_target([box("cat", 3.5 / 14, 2.5 / 14)], counted=False)
    assert middle[2 * 14 + 3] == pytest.approx(1)
    between = look_target([box("cat", 4 / 14, 2.5 / 14)], counted=False)
    assert between[2 * 14 + 3 : 2 * 14 + 5] == pytest.approx([0.5, 0.5])
    assert look_target([], counted=False)[POOLED] == 1


@pytest.mark.parametrize("count", [0, 1, 4])
def test_the_pooled_token_s_share_tells_how_many_there_are(count: int) -> None:
    target = look_target([box("cat", 0.1 + 0.2 * i, 0.5) for i in range(count)], counted=True)
    assert target.sum() == pytest.approx(1)
    assert target[POOLED] == pytest.approx(1 / (count + 1))


def test_each_token_of_what_is_written_has_its_place() -> None:
    encoder = Encoder(TOKENIZER)
    glyphs = [box(character, 0.1 + 0.1 * i, 0.5) for i, character in enumerate("Stop42")]
    question = Question("What does the text say?", "Stop 42", "ocr", None, glyphs)
    spans = spelled(question, encoder.answer(question.a), encoder)
    assert spans is not None
    assert [region for span in spans for region in span] == glyphs
    assert spans[-1] == [glyphs[-1]]
    packed = pack([question], encoder, 64)
    assert [look.regions for look in packed.looks] == [span for span in spans if span]
    assert {look.hop for look in packed.looks} == {1}
    assert packed.labels[packed.looks[-1].position] == encoder.answer("2")[-2]


def test_what_is_counted_is_not_spelled() -> None:
    encoder, cats = Encoder(TOKENIZER), [box("cat", 0.2, 0.2), box("cat", 0.7, 0.7)]
    question = Question("How many cats are there?", "two", "count", cats, cats)
    assert spelled(question, encoder.answer("two"), encoder) is None
    packed = pack([question], encoder, 64)
    begin = len(encoder.question(question.q)) - 1
    assert [(look.position, look.hop, look.regions) for look in packed.looks] == [(begin, 0, cats), (begin, 1, cats)]


def test_centres_are_where_things_are() -> None:
    row = Row("emoji", "train", things=[box("cat", 3.5 / 14, 2.5 / 14), box("dog", 10 / 14, 7.5 / 14)])
    centres = Targets([row]).centre_map(row)
    assert centres[2, 3] == pytest.approx(1)
    assert centres[7, 9:11] == pytest.approx([0.5, 0.5])
    assert centres.sum() == pytest.approx(2)


def test_words_as_common_are_numbered_by_their_letters() -> None:
    """A set's order is another one in every process, and a run goes on with what an earlier one has learnt of them."""
    captions = ["zebra apple", "mango zebra", "kiwi apple", "lemon"]
    rows = [Row("flickr", "train", [caption]) for caption in captions]
    assert Targets(rows).words == ["apple", "zebra", "kiwi", "lemon", "mango"]
