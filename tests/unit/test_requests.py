"""What is said in place of answers to what a model of pictures was not made for: to what, in which words, and how."""

from __future__ import annotations

import json
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.requests import LISTS, request_table
from fixtures.shapes import shape_image
from public_model import write_smolvlm
from streamed import Stream, ok
from tinyvlm import VLM, EncodedImage, InputError, ModelError
from tinyvlm.answers.requests import Requests, english, pieces_of
from tinyvlm.answers.requests.languages import language_of
from tinyvlm.answers.requests.sentences import ABILITIES, ENGLISH_ONLY, GREETING, THANKS
from tinyvlm.answers.unsure import Unsure
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.folder.model_reader import read_model
from tinyvlm.hub import open_model
from tinyvlm.media.images import load_image
from train.dataset.texts import CAPTION_PROMPTS, DESCRIBE, LONGEST, SHORTEST

WRITTEN: dict[str, Any] = json.loads(LISTS.read_text(encoding="utf-8"))
QUESTION, REQUEST = "What color is the shape?", "Write a poem about the shape."
CARD = Path(open_model().path) / "README.md"


def told(question: str) -> str | None:
    return Requests().sentence_for(question)


# ---- which questions -----------------------------------------------------------------------------------------------


def test_no_question_that_can_be_answered_is_turned_away() -> None:
    prompts = [DESCRIBE, SHORTEST, LONGEST, *CAPTION_PROMPTS]
    assert len(WRITTEN["served"]) > 1300
    assert [question for question in [*WRITTEN["served"], *prompts] if told(question)] == []
    assert len(WRITTEN["served_voices"]) > 370
    assert [question for question in WRITTEN["served_voices"] if told(question)] == []
    lower = [question.lower().rstrip("?.!") for question in WRITTEN["served"]]
    assert [question for question in lower if told(question)] == []


def test_few_questions_that_nothing_was_learnt_from_are_turned_away() -> None:
    assert len(WRITTEN["last_served"]) >= 100
    assert sum(told(question) is not None for question in WRITTEN["last_served"]) <= 0.04 * 100
    others = [question for part in ("others", "users") for question in WRITTEN[part]["questions"]]
    assert len(others) >= 230
    assert sum(told(question) is not None for question in others) <= 0.036 * 230


@pytest.mark.parametrize(
    ("part", "least", "count"),
    [
        *(("first", 0.98, 158), ("held_back", 0.98, 141), ("later", 0.974, 500), ("unseen", 0.96, 100)),
        *(("fresh", 0.93, 100), ("last", 0.78, 100)),
    ],
)
def test_requests_are_told_so_as_often_as_the_card_says(part: str, least: float, count: int) -> None:
    asked = [text for texts in WRITTEN["unserved"][part].values() for text in texts]
    assert len(asked) >= count
    assert sum(told(text) is not None for text in asked) >= least * len(asked)


def test_requests_by_others_are_told_so() -> None:
    asked = [text for part in ("others", "users") for text in WRITTEN[part]["requests"]]
    assert len(asked) >= 250
    assert sum(told(text) is not None for text in asked) >= 0.89 * len(asked)


def test_the_card_has_what_the_script_prints() -> None:
    assert request_table() in CARD.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", ["first", "held_back", "later"])
def test_questions_in_other_languages_get_the_sentence_in_theirs(part: str) -> None:
    asked = [(text, code) for code, texts in WRITTEN["unserved"][part].items() if code != "en" for text in texts]
    wrong = [(text, code, language_of(text)) for text, code in asked if language_of(text) != code]
    assert wrong in ([], [("Опиши фото", "uk", "ru")])  # the same in both
    assert all(told(text) == ENGLISH_ONLY[language_of(text)] for text, _ in asked)


@pytest.mark.parametrize(
    ("question", "code"),
    [
        *(("Hvad er der på billedet?", "da"), ("Hva er på bildet?", "nb"), ("Mitä kuvassa on?", "fi")),
        *(("Co je na obrázku?", "cs"), ("Mi van a képen?", "hu"), ("Ce este în imagine?", "ro")),
        *(("Trong ảnh có gì?", "vi"), ("Apa yang ada di gambar?", "id"), ("מה יש בתמונה?", "he")),
        *(
            ("ในภาพมีอะไร", "th"),
            ("در تصویر چه چیزی هست؟", "fa"),
            ("圖片裡有什麼?", "zh-Hant"),
            ("犬", "zh"),
            ("カメラは?", "ja"),
        ),
        *(("FARBE?", "de"), ("¿QUE ES ESTO?", "es"), ("  Was ist das ", "de"), ("Était-ce un chat ?", "fr")),
        *(
            ("What does 出口 mean here?", "en"),
            ("Where is 'la vie est belle' written?", "en"),
            ("Is “Was ist das” there?", "en"),
        ),
        *(("OCR", "en"), ("", "en"), ("???", "en"), ("2 + 2", "en"), ("Pizza?", "en"), ("E?", "en"), ("Ⅷ ﬁ ½", "en")),
    ],
)
def test_a_language_is_known_by_letters_and_words(question: str, code: str) -> None:
    assert language_of(question) == code


def test_every_sentence_is_one_and_says_english() -> None:
    for sentence in (ABILITIES, GREETING, *ENGLISH_ONLY.values()):
        assert sentence.strip() == sentence == unicodedata.normalize("NFC", sentence)
        assert sum(sentence.count(mark) for mark in ".。।") <= 1
    assert all(language_of(sentence) == code for code, sentence in ENGLISH_ONLY.items())
    assert len(set(ENGLISH_ONLY.values())) == len(ENGLISH_ONLY) >= 17


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        *(("Hello!", GREETING), ("hi there", GREETING), ("Good morning, how are you?", GREETING)),
        *(("thank you so much!!", THANKS), ("Bye", THANKS), ("You are great", ABILITIES), ("Who are you?", ABILITIES)),
        *(("Hello, what is in the picture?", None), ("Thanks. How many dogs?", None), ("Hello sign?", None)),
        *(("This is my dog. Write a poem about him.", ABILITIES), ("Write a poem. Make it short.", ABILITIES)),
        *(("You are a poet. What do you see?", None), ("Is there a poem on the wall?", None)),
        *(("Who is Ada Lovelace?", ABILITIES), ("Who is wearing a hat?", None), ("Who Is Wearing A Hat?", None)),
        *(("12-14", None), ("12 - 14 =", ABILITIES), ("What is 24/7?", ABILITIES), ("2 x 3", ABILITIES)),
        *(("write a poem\nplease", ABILITIES), ("What’s your name?", ABILITIES), ("WRITE A POEM", ABILITIES)),
    ],
)
def test_what_is_said_follows_the_whole_question(question: str, sentence: str | None) -> None:
    assert told(question) == sentence


@given(st.text(max_size=300))
def test_any_text_has_an_answer(question: str) -> None:
    assert told(question) is None or told(question) in (ABILITIES, GREETING, THANKS, *ENGLISH_ONLY.values())


@pytest.mark.parametrize(
    "text", ["a " * 9000, "(" * 90 + "1+" * 9000, "no " * 9000, "how do you " * 9000, "1 + " * 9000]
)
def test_long_texts_take_no_time(text: str) -> None:
    told(text)
    started = time.process_time()
    told(text)
    assert time.process_time() - started < 2


def test_what_is_prepared_is_not_compiled_again() -> None:
    heads = list(Requests().prepared())
    assert heads[:3] == ["what", "how", "is"]
    assert len(heads) > 15
    compiled = english._compiled.cache_info().misses
    assert [told(f"{head.capitalize()} is it?") for head in heads[:3]] == [None] * 3
    assert english._compiled.cache_info().misses == compiled


# ---- how it is said ------------------------------------------------------------------------------------------------


def test_a_sentence_is_handed_over_in_words() -> None:
    for sentence in (ABILITIES, *ENGLISH_ONLY.values()):
        pieces = list(pieces_of(sentence))
        assert "".join(pieces) == sentence
        assert len(pieces) > 4
    assert list(pieces_of("One, two.")) == ["One,", " two."]


@pytest.fixture(scope="module")
def vlm() -> Iterator[VLM]:
    with closing(VLM.from_pretrained(backend="wasm")) as vlm:
        yield vlm


@pytest.fixture(scope="module")
def image(vlm: VLM) -> EncodedImage:
    return vlm.encode_image(shape_image())


def test_the_model_takes_no_step_and_goes_on_as_if_nothing_was_asked(vlm: VLM, image: EncodedImage) -> None:
    assert vlm.ask(image, QUESTION) == "red"
    assert list(vlm.stream(image, REQUEST)) == list(pieces_of(ABILITIES))
    last = vlm.last_answer
    assert (last.unserved, last.unsure, last.finish_reason) == (True, False, "stop")
    assert (last.prompt_tokens, last.tokens, last.decode_steps, last.prefill_ms) == (0, 0, 0, 0)
    assert vlm.ask(image, QUESTION) == "red"
    assert (vlm.last_answer.unserved, vlm.last_answer.reused_tokens) == (False, vlm.last_answer.prompt_tokens - 1)


@pytest.mark.parametrize("options", [{"temperature": 1.0, "seed": 1}, {"max_new_tokens": 1}, {"stop": ["picture"]}])
def test_nothing_cuts_or_changes_the_sentence(vlm: VLM, image: EncodedImage, options: dict[str, Any]) -> None:
    assert vlm.ask(image, REQUEST, **options) == ABILITIES


@pytest.mark.parametrize("options", [{"unsure": False}, {"choices": ["red", "blue"]}, {"schema": {"type": "boolean"}}])
def test_the_models_own_answer_can_be_had(vlm: VLM, image: EncodedImage, options: dict[str, Any]) -> None:
    assert vlm.ask(image, REQUEST, **options) != ABILITIES
    assert not vlm.last_answer.unserved


def test_a_request_that_no_prompt_has_room_for_is_told_so(vlm: VLM, image: EncodedImage) -> None:
    question = "Сколько здесь собак, какого они цвета, где они стоят и что они делают на этой картинке? " * 3
    with pytest.raises(InputError, match="too long"):
        vlm.ask(image, question, unsure=False)
    assert vlm.ask(image, question) == ENGLISH_ONLY["ru"]


def test_an_image_is_still_needed_and_a_stream_is_ended_by_the_next(vlm: VLM, image: EncodedImage) -> None:
    with pytest.raises(InputError) as caught:
        vlm.ask(None, REQUEST)
    assert caught.value.code == "image-missing"
    pieces = vlm.stream(image, REQUEST)
    assert next(pieces) == "I"
    vlm.ask(image, QUESTION)
    with pytest.raises(InputError) as caught:
        next(pieces)
    assert caught.value.code == "stream-replaced"


def test_a_guess_is_still_withheld(vlm: VLM, image: EncodedImage) -> None:
    shipped = vlm.instead.unsure
    vlm.instead.unsure = Unsure(1.1, "I am not sure.")
    try:
        assert vlm.ask(image, QUESTION) == "I am not sure."
        assert vlm.ask(image, "Tell me a joke?") == ABILITIES
    finally:
        vlm.instead.unsure = shipped


def test_a_conversation_remembers_what_was_said(tmp_path: Path) -> None:
    folder = write_smolvlm(tmp_path / "model")
    with closing(VLM.from_pretrained(folder)) as vlm:
        assert vlm.instead.requests is None
        assert vlm.ask(None, "Hello!", max_new_tokens=2) != GREETING
    (folder / "generation_config.json").write_text(json.dumps({"requests": {"made_for": "pictures"}}))
    with closing(VLM.from_pretrained(folder)) as vlm:
        talk = vlm.conversation()
        assert talk.ask("Hello!", shape_image()) == GREETING
        assert talk.messages[-1]["content"] == [{"type": "text", "text": GREETING}]
        assert talk.ask("What is it?", max_new_tokens=2) != ABILITIES
        assert vlm.last_answer.prompt_tokens > len(vlm.tokenize(GREETING))


def test_a_session_streams_the_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(open_model().path, folder)
    with closing(WasmtimeKernels(threads=2)) as kernels:
        stream, picture = Stream(folder, kernels), load_image(shape_image())
        stream.until("draft")
        ok(stream.session.warm_up())
        ok(stream.session.encode(picture.data, picture.width, picture.height, "balanced"))
        for question, sentence in ((REQUEST, ABILITIES), ("Was ist das?", ENGLISH_ONLY["de"])):
            ok(stream.session.ask(question, "{}"))
            assert list(iter(lambda: ok(stream.session.next_piece()), None)) == list(pieces_of(sentence))
            assert ok(stream.session.answer_stats())["finish_reason"] == "stop"
        ok(stream.session.ask(REQUEST, json.dumps({"unsure": False})))
        assert ok(stream.session.next_piece()) != "I"


# ---- what a folder says --------------------------------------------------------------------------------------------


def test_the_shipped_model_was_made_for_pictures_and_others_for_anything() -> None:
    assert read_model(open_model()).requests == Requests("pictures")
    assert Requests.from_config({}) is None
    assert Requests.from_config({"requests": None}) is None


@pytest.mark.parametrize(
    "value", [True, "pictures", [], {}, {"made_for": "poems"}, {"made_for": None}, {"for": "pictures"}]
)
def test_nonsense_is_a_sentence(value: Any) -> None:
    with pytest.raises(ModelError, match=r"^The field requests of generation_config\.json needs .*\.$") as caught:
        Requests.from_config({"requests": value})
    assert caught.value.code == "requests-invalid"
