"""What a picture shows, named from class probabilities: how precisely, in which words, after which questions."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bundled_model.class_names import Synset, everyday_name, plain_name, read_synsets, with_article, written
from bundled_model.everyday_words import COMMON, GENERAL, PRECISE, UNCOUNTED
from evaluation.naming import EXACT, GENERAL_KIND, GUESS, KIND, UNSURE, WRONG, judged
from fixtures.shapes import shape_image
from streamed import Stream, ok
from tinyvlm import VLM, ModelError
from tinyvlm.answers.naming import Naming, bare
from tinyvlm.answers.naming_questions import asked_thing
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image

FOLDER = Path(open_model().path)
TABLE: dict[str, Any] = json.loads((FOLDER / "class_names.json").read_text(encoding="utf-8"))
SETTINGS = {"below": 0.4, "sure": 0.8, "likely": 0.5, "guessed": 0.2}
SMALL = {
    "kinds": {"general": ["an animal"], "common": ["a dog", "a bird"], "precise": ["a hound"]},
    "classes": [["a beagle", 0, 1, 3], ["a whippet", 0, 1, 3], ["a pug", 0, 1], ["a wild dog", 0, 1], ["a jay", 0, 2],
                ["a snail", 0], ["a guitar"], ["a lamp"], *([f"a thing {i}"] for i in range(92))],
}  # fmt: skip
ANYTHING = "What is this?"
SHAPES = (("circle", "red"), ("rectangle", "blue"))
EXCEPTIONS = {"a unicycle", "an hourglass", "a European green lizard", "a European garden spider", "a European polecat",
              "a one-piece bathing suit"}  # fmt: skip


def naming(table: Any = SMALL, **settings: float) -> Naming:
    """Return the naming of a table."""
    found = Naming.from_config({"naming": SETTINGS | settings}, table)
    assert found is not None
    return found


SHIPPED = naming(TABLE)


def said(shares: list[float], question: str = ANYTHING) -> str | None:
    """Return what is said of these probabilities of SMALL's first classes; the lamp has the rest."""
    unsure = naming().instead(question, lambda: _all(shares))
    return None if unsure is None else unsure.answer


def below(question: str, shares: list[float]) -> float:
    """Return how likely the model's own answer may begin where a name still goes before it."""
    unsure = naming().instead(question, lambda: _all(shares))
    assert unsure
    return unsure.below


def _all(shares: list[float]) -> list[float]:
    return [*shares, 1 - sum(shares), *[0.0] * 92]


# ---- how precisely -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        ([0, 0, 0, 0, 0, 0, 1], "a guitar"),
        ([0, 0, 0, 0, 0, 0.3, 0.7], "probably a guitar"),
        ([0.9, 0.1, 0, 0, 0, 0, 0], "a beagle, a kind of dog"),
        ([0, 0, 0, 0.9, 0, 0, 0.1], "a wild dog"),
        ([0.6, 0, 0.3, 0, 0, 0.1, 0], "a dog, probably a beagle"),
        ([0.6, 0, 0, 0, 0, 0.2, 0.2], "probably a beagle"),
        ([0.4, 0.3, 0.2, 0, 0, 0.1, 0], "a dog, probably a hound"),
        ([0.3, 0.3, 0, 0, 0, 0, 0.4], "probably a dog, perhaps a hound"),
        ([0.2, 0.2, 0.4, 0.1, 0.1, 0, 0], "a dog, perhaps a pug"),
        ([0.15, 0.15, 0.15, 0.1, 0, 0, 0.45], "probably a dog"),
        ([0.1, 0.1, 0.1, 0, 0.3, 0.4, 0], "some kind of animal, perhaps a snail"),
        ([0.15, 0.1, 0.15, 0.05, 0.15, 0.15, 0.1], "some kind of animal"),
        ([0, 0.05, 0.05, 0, 0.05, 0.31, 0.54], "probably a guitar"),
        ([0, 0.1, 0.1, 0, 0.1, 0.1, 0.4], "I am not sure, perhaps a guitar"),
    ],
)
def test_a_name_is_as_precise_as_the_probabilities(shares: list[float], sentence: str) -> None:
    assert said(shares) == sentence


def test_nothing_is_named_where_not_even_a_guess_is_likely() -> None:
    flat = {"kinds": {"general": [], "common": [], "precise": []}, "classes": [[f"a thing {i}"] for i in range(9)]}
    everything = naming(flat).kind_asked(ANYTHING)
    assert everything
    assert naming(flat).name([1 / 9] * 9, everything) is None
    assert naming(flat).instead(ANYTHING, lambda: [1 / 9] * 9) is None


def test_a_kind_of_many_classes_is_not_named_for_its_size() -> None:
    """398 of the 1,000 classes are animals: a picture of nothing is none."""
    animals = [2.0 if any(kind == 0 for kind in row[1:]) else 1.0 for row in TABLE["classes"]]
    assert SHIPPED.kinds[0].name == "an animal"
    shares = [value / sum(animals) for value in animals]
    assert sum(share for share, value in zip(shares, animals, strict=True) if value > 1) > SETTINGS["likely"]
    assert SHIPPED.instead(ANYTHING, lambda: shares) is None


@pytest.mark.parametrize(
    ("question", "shares", "sentence"),
    [
        ("What animal is this?", [0.45, 0, 0, 0, 0, 0.1, 0.45], "a beagle, a kind of dog"),
        ("What animal is this?", [0.3, 0, 0, 0, 0, 0.1, 0.6], None),
        ("What breed is this?", [0.5, 0.1, 0, 0, 0, 0, 0.4], "a beagle"),
        ("What kind of dog is this?", [0.32, 0.25, 0.05, 0, 0, 0, 0.4], "probably a beagle"),
        ("What kind of bird is this?", [0.9, 0, 0, 0, 0.1, 0, 0], None),
    ],
)
def test_who_asks_for_a_kind_gets_one_of_that_kind(question: str, shares: list[float], sentence: str | None) -> None:
    assert said(shares, question) == sentence


def test_a_name_goes_before_the_models_own_only_where_a_kind_is_asked_for() -> None:
    sure = [0.9, 0, 0, 0, 0, 0, 0.1]
    assert below(ANYTHING, sure) == SETTINGS["below"]
    assert below("What animal is it?", sure) > 1
    guess = [0.3, 0.25, 0.25, 0.2, 0, 0, 0]
    assert said(guess, "What breed is this?") == "I am not sure, perhaps a beagle"
    assert below("What breed is this?", guess) == SETTINGS["below"], "a guess is no better than the model's own"


@given(st.integers(0, 999), st.floats(0.02, 1), st.floats(0.1, 4))
def test_a_class_that_is_named_is_the_likeliest(best: int, share: float, slope: float) -> None:
    rest = [(number + 1) ** -slope for number in range(999)]
    shares = [(1 - share) * value / sum(rest) for value in rest]
    shares.insert(best, share)
    named = SHIPPED.instead(ANYTHING, lambda: shares)
    name = named.answer.removeprefix("probably ").partition(", a kind of ")[0] if named else ""
    assert name not in SHIPPED.names or max(shares) in [shares[i] for i in range(1000) if SHIPPED.names[i] == name]


def test_probabilities_are_read_only_for_questions_that_ask_for_a_name() -> None:
    def unread() -> Any:
        raise AssertionError("they are not needed")

    assert SHIPPED.instead("What color is the shape?", unread) is None
    assert SHIPPED.instead("What shape is in the image?", unread) is None


# ---- which questions -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question",
    [
        "What is this?", "what's that", "What is it called?", "What is in the picture?", "What's in this photo?",
        "What do you see?", "What can you see in the image?", "What am I looking at?", "What does the picture show?",
        "Can you identify this?", "Please, what is this thing?", "What object is this?", "What are these?",
        "What is shown in the picture?", "Name this object.", "What kind of thing is this?",
    ],
)  # fmt: skip
def test_a_question_asks_for_whatever_is_there(question: str) -> None:
    assert asked_thing(question) == ""


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What animal is in the picture?", "animal"), ("What kind of animal is this?", "animal"),
        ("which bird is that", "bird"), ("What breed of dog is this?", "dog"), ("What breed is it?", "dog"),
        ("What instrument is this?", "musical instrument"), ("What food is in this photo?", "food"),
        ("What kind of fruits are these?", "fruit"), ("What vehicle is shown?", "vehicle"),
        ("What species of bird is that?", "bird"),
        ("Identify the snake.", "snake"), ("What breed is the dog?", "dog"), ("What is this building?", "building"),
        ("What is that animal called?", "animal"), ("What are these vegetables?", "vegetables"),
    ],
)  # fmt: skip
def test_a_question_asks_for_a_kind_of_thing(question: str, thing: str) -> None:
    assert asked_thing(question) == thing
    assert SHIPPED.kind_asked(question)


@pytest.mark.parametrize(
    "question",
    [
        "What color is this?", "What shape is in the image?", "What is the dog doing?", "What is on the desk?", "Why?",
        "What is the girl wearing?", "What is above, the puzzle piece or the lipstick?", "How many dogs are there?",
        "What is the blue shape?", "Is there a dog in the picture?", "What time is it?", "What does the text say?",
        "What is this made of?", "What is it doing?", "Where was this picture taken?", "Describe the image.",
        "What is in front of the dog?", "What is this man doing?", "What is the dog?", "Please " * 20 + "what is this?",
    ],
)  # fmt: skip
def test_a_question_for_something_else_is_left_alone(question: str) -> None:
    assert SHIPPED.kind_asked(question) is None


# ---- the table -----------------------------------------------------------------------------------------------------


def test_every_class_has_a_name_of_its_own() -> None:
    names = [row[0] for row in TABLE["classes"]]
    assert len(names) == 1000
    twice = {name for name, count in Counter(names).items() if count > 1}
    assert twice == {"a missile", "sunglasses"}, "ImageNet has these twice"
    assert all(name.strip() == name and not set(name) & set("()/,") for name in names)


def test_names_have_their_articles() -> None:
    for name in [*SHIPPED.names, *(kind.name for kind in SHIPPED.kinds)]:
        article, _, noun = name.partition(" ")
        if article not in ("a", "an"):
            assert name in UNCOUNTED or name in {*GENERAL, *COMMON, *PRECISE}
        elif name not in EXCEPTIONS:
            assert (article == "an") == (noun[0].lower() in "aeiou"), name


def test_every_chain_of_kinds_ends() -> None:
    """What a class is precisely it is also in people's words, and no kind stands for one class alone."""
    assert [kind.name for kind in SHIPPED.kinds] == [*GENERAL, *COMMON, *PRECISE]
    assert all(0 <= kind < len(SHIPPED.kinds) for row in TABLE["classes"] for kind in row[1:])
    for kind in SHIPPED.kinds:
        assert len(kind.members) > 1, kind.name
        wider = [other for other in SHIPPED.kinds if other.level != "precise" and kind.members <= other.members]
        assert wider, f"{kind.name} is in nothing wider"


@pytest.mark.parametrize(
    ("number", "name", "kinds"),
    [
        (1, "a goldfish", {"an animal", "a fish"}),
        (162, "a beagle", {"an animal", "a dog", "a hound"}),
        (207, "a golden retriever", {"an animal", "a dog", "a retriever"}),
        (402, "an acoustic guitar", {"a musical instrument", "a guitar"}),
        (779, "a school bus", {"a vehicle", "a bus"}),
        (954, "a banana", {"food", "a plant", "fruit"}),
        (963, "a pizza", {"food"}),
        (980, "a volcano", {"a landscape", "a mountain"}),
        (999, "toilet paper", set()),
    ],
)
def test_a_class_is_what_everybody_calls_it(number: int, name: str, kinds: set[str]) -> None:
    assert SHIPPED.names[number] == name
    assert {kind.name for kind in SHIPPED.kinds if number in kind.members} == kinds


def test_the_table_tells_where_it_is_from() -> None:
    assert all(word in TABLE["source"] for word in ("WordNet", "MIT"))
    assert all(word in TABLE["license"] for word in ("Princeton University", '"AS IS"'))


def test_a_table_is_made_of_names_and_wordnet() -> None:
    nouns = (
        "  1 This software is licensed\n"
        "00000001 05 n 01 beagle 0 001 @ 00000002 n 0000 | a hound\n"
        "00000002 05 n 02 dog 0 Canis_familiaris 1 002 @ 00000003 n 0000 ~ 00000001 n 0000 | a pet\n"
        "00000003 05 n 0a " + "animal 0 " * 10 + "000 | it lives\n"
    )
    synsets = read_synsets(nouns)
    assert synsets["00000002"] == Synset(("dog", "Canis_familiaris"), ("00000003",))
    assert len(synsets["00000003"].words) == 10, "counts are hexadecimal"
    above = read_synsets(nouns.replace("00000003", "00015388"))
    row = json.loads(written(["Beagle (dog)"], ["00000001"], above, "as is"))["classes"][0]
    assert row == ["a beagle", list(GENERAL).index("an animal")]


def test_names_lose_brackets_and_alternatives_and_gain_capitals() -> None:
    assert plain_name("kite (bird of prey)") == "kite"
    assert plain_name("baluster / handrail") == "baluster"
    assert plain_name("gas mask or respirator") == "gas mask"
    assert everyday_name("Golden Retriever", ["golden_retriever"], {"retriever", "golden"}) == "golden retriever"
    assert everyday_name("Labrador Retriever", ["Labrador_retriever"], {"retriever"}) == "Labrador retriever"
    assert everyday_name("green iguana", ["iguana", "Iguana_iguana"], {"iguana"}) == "green iguana"
    assert everyday_name("taxicab", ["cab"], set()) == "taxi"
    assert [with_article(name) for name in ("owl", "unicorn", "jeans")] == ["an owl", "a unicorn", "jeans"]


# ---- what a folder says --------------------------------------------------------------------------------------------


def test_the_shipped_model_names_things_and_others_do_not() -> None:
    shipped = read_model(open_model()).naming
    assert shipped
    assert len(shipped.names) == 1000
    assert Naming.from_config({}, TABLE) is None
    assert Naming.from_config({"naming": SETTINGS}, None) is None


@pytest.mark.parametrize(
    "value",
    [True, [], "all", {}, {**SETTINGS, "below": 3}, {**SETTINGS, "sure": 0.1}, {**SETTINGS, "guessed": 0},
     {**SETTINGS, "sure": 1.5}, {**SETTINGS, "likely": "half"}],
)  # fmt: skip
def test_nonsense_is_a_sentence(value: Any) -> None:
    with pytest.raises(ModelError, match=r"^The field naming of generation_config\.json needs .*\.$") as caught:
        Naming.from_config({"naming": value}, SMALL)
    assert caught.value.code == "naming-invalid"


@pytest.mark.parametrize(
    "table", [{}, {"kinds": {}, "classes": []}, {"kinds": SMALL["kinds"], "classes": [["a dog", 9]]}, {"classes": 5}]
)
def test_a_table_without_sense_is_a_sentence(table: Any) -> None:
    with pytest.raises(ModelError, match="class_names"):
        Naming.from_config({"naming": SETTINGS}, table)


def test_a_table_of_other_classes_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    (folder / "class_names.json").write_text(json.dumps({**TABLE, "classes": TABLE["classes"][:999]}))
    with pytest.raises(ModelError) as caught:
        read_model(open_model(str(folder)))
    assert caught.value.code == "naming-invalid"


# ---- the model's answers -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["numpy", "wasm"])
def vlm(request: pytest.FixtureRequest) -> Iterator[VLM]:
    with closing(VLM.from_pretrained(backend=request.param, threads=1)) as vlm:
        yield vlm


@pytest.mark.slow
def test_class_probabilities_are_the_images_own(vlm: VLM) -> None:
    """Also while another image lies where the text programs read."""
    circle, square = (vlm.encode_image(shape_image(shape, color)) for shape, color in SHAPES)
    first = np.array(vlm._runner.classes(circle.state))
    assert first.shape == (1000,)
    assert abs(first.sum() - 1) < 1e-4
    other = np.array(vlm._runner.classes(square.state))
    assert np.abs(first - other).max() > 0.01
    vlm.ask(square, "What color is the shape?")
    vlm.ask(circle, "What color is the shape?")
    assert np.array_equal(vlm._runner.classes(circle.state), first)
    assert np.array_equal(vlm._runner.classes(square.state), other)


@pytest.mark.slow
def test_kernels_and_numpy_name_alike() -> None:
    image = shape_image("circle", "yellow", 300)
    found = []
    for backend in ("numpy", "wasm"):
        with closing(VLM.from_pretrained(backend=backend, threads=1)) as vlm:
            found.append(np.array(vlm._runner.classes(vlm.encode_image(image).state)))
    assert np.abs(found[0] - found[1]).max() < 0.02
    assert found[0].argmax() == found[1].argmax()


@pytest.mark.slow
def test_a_name_is_given_where_the_model_is_not_sure(vlm: VLM) -> None:
    shipped = vlm.instead.naming
    assert shipped
    image = vlm.encode_image(shape_image())
    own = vlm.ask(image, ANYTHING)
    assert not vlm.last_answer.named, "it is sure of a drawing"
    assert own == vlm.ask(image, ANYTHING, unsure=False)
    vlm.instead.naming = replace(shipped, below=2, guessed=1e-6)
    try:
        named = vlm.instead.naming.instead(ANYTHING, lambda: vlm._runner.classes(image.state))
        assert named
        assert "".join(vlm.stream(image, ANYTHING)) == named.answer != own
        assert (vlm.last_answer.named, vlm.last_answer.unsure) == (True, False)
        assert vlm.last_answer.finish_reason == "stop"
        assert vlm.conversation().ask(ANYTHING, image) == named.answer
        assert vlm.ask(image, ANYTHING, unsure=False) == own
        assert not vlm.last_answer.named
        assert vlm.ask(image, ANYTHING, choices=["a dog", "a shape"]) in ("a dog", "a shape")
        assert vlm.ask(image, "What color is the shape?") == "red"
        assert not vlm.last_answer.named
    finally:
        vlm.instead.naming = shipped


@pytest.mark.slow
def test_a_session_names_as_the_model_does_natively(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    generation = json.loads((folder / "generation_config.json").read_text(encoding="utf-8"))
    generation["naming"] |= {"below": 2, "guessed": 1e-6}
    (folder / "generation_config.json").write_text(json.dumps(generation))
    picture = load_image(shape_image())
    with closing(VLM.from_pretrained(folder, threads=1)) as vlm:
        named = vlm.ask(shape_image(), ANYTHING)
    with closing(WasmtimeKernels(threads=1)) as kernels:
        stream = Stream(folder, kernels)
        stream.until("whole")
        ok(stream.session.encode(picture.data, picture.width, picture.height, "balanced"))
        ok(stream.session.ask(ANYTHING, "{}"))
        assert "".join(iter(lambda: ok(stream.session.next_piece()), None)) == named


# ---- what is measured ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "worth"),
    [
        ("a beagle, a kind of dog", EXACT), ("a dog, probably a beagle", EXACT), ("a dog, perhaps a pug", KIND),
        ("probably a dog, perhaps a hound", KIND), ("some kind of animal", GENERAL_KIND), ("a guitar", WRONG),
        ("I am not sure, perhaps a beagle", EXACT), ("I am not sure, perhaps a guitar", GUESS),
        ("I am not sure.", UNSURE), ("a beagle harrier", WRONG), ("a jay, a kind of bird", WRONG),
    ],
)  # fmt: skip
def test_an_answer_is_judged_by_the_class_that_is_there(answer: str, worth: str) -> None:
    assert bare(naming().names[0]) == "beagle"
    assert judged(naming(), answer, 0) == worth
