"""A public model in the page is told what a picture says as natively: through the page's door, with wasmtime there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from test_reader import receipt

from public_model import llama_files, write_smolvlm
from streamed import Stream, ok
from tinyvlm import VLM
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.errors import TinyVLMError
from tinyvlm.media.images import load_image
from tinyvlm.page.engine import Session

MODELS = Path(__file__).resolve().parents[2] / "web" / "models"
QUESTION, NEXT = "Which of these is a drink?", "And what does it cost?"
TOKENS = 4

pytestmark = pytest.mark.slow


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All texts that models continue."""
    found: list[str] = []
    generate = VLM._pieces

    def pieces(self: VLM, prompt: Any, *others: Any) -> Iterator[str]:
        ids = [token for token, _ in prompt if token < self._model.vocab_size]
        found.append(self._tokenizer.decode(ids, skip_special_tokens=False))
        yield from generate(self, prompt, *others)

    monkeypatch.setattr(VLM, "_pieces", pieces)
    return found


@pytest.fixture(scope="module")
def sees(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny SmolVLM."""
    return write_smolvlm(tmp_path_factory.mktemp("models") / "sees")


@pytest.fixture(scope="module")
def is_blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its text model alone."""
    folder = tmp_path_factory.mktemp("blind")
    for name, data in llama_files().items():
        (folder / name).write_bytes(data)
    return folder


def opened(folder: Path) -> Iterator[Session]:
    """A model in the page's room, and the reader beside it."""
    kernels = WasmtimeKernels(threads=2)
    stream = Stream(folder, kernels, reads=True)
    stream.until("whole")
    Stream(MODELS / "reader", kernels, session=stream.session).until("reader")
    yield stream.session
    kernels.close()


@pytest.fixture(scope="module")
def seeing(sees: Path) -> Iterator[Session]:
    yield from opened(sees)


@pytest.fixture(scope="module")
def blind(is_blind: Path) -> Iterator[Session]:
    yield from opened(is_blind)


@pytest.fixture(scope="module")
def bundled() -> Iterator[Session]:
    yield from opened(MODELS / "tinyvlm-13m")


def show(session: Session, image: Image.Image) -> None:
    """Ask about this image from now on; a model that sees none is told its text alone."""
    pixels = load_image(image)
    ok(session.encode(pixels.data, pixels.width, pixels.height, "fast") if session._vlm.sees else session.forget())


def ask(session: Session, question: str, image: Image.Image | None = None, **options: Any) -> tuple[str, bool]:
    """Return the answer, and whether the image was read for it: as the page's worker asks."""
    given = json.dumps({"max_new_tokens": TOKENS, **options})
    reads = bool(image and options.get("with_text") and ok(session.reads_first(question, given)))
    if image and reads:
        pixels = load_image(image)
        ok(session.begin_reading(pixels.data, pixels.width, pixels.height, True))
        while "reading" not in ok(session.read_on()):
            pass
    assert ok(session.ask(question, given)) == {"reads": False}
    return "".join(iter(lambda: ok(session.next_piece()), None)), reads


@pytest.mark.parametrize("kind", ["sees", "is_blind"])
def test_it_is_told_as_natively_once_in_a_conversation(
    kind: str, request: pytest.FixtureRequest, prompts: list[str]
) -> None:
    """The same prompts and answers, and one reading for two questions."""
    session: Session = request.getfixturevalue("seeing" if kind == "sees" else "blind")
    picture = receipt()
    show(session, picture)
    answers = [ask(session, question, picture, with_text=True) for question in (QUESTION, NEXT)]
    assert [reads for _, reads in answers] == [True, False]
    with VLM.from_pretrained(request.getfixturevalue(kind), threads=2) as vlm:
        talk = vlm.conversation()
        image = vlm.encode_image(picture, profile="fast") if vlm.sees else None
        told, shown = vlm.with_text(QUESTION, [picture])
        expected = [talk.ask(told, *(image for _ in shown), max_new_tokens=TOKENS)]
        expected.append(talk.ask(NEXT, max_new_tokens=TOKENS))
    assert prompts[:2] == prompts[2:]
    assert "Text in the picture:\n" in prompts[0]
    assert prompts[1].count("Text in the picture:") == 1
    assert [answer for answer, _ in answers] == expected


def test_what_was_not_told_yet_is_told_when_it_is_asked_for(seeing: Session, prompts: list[str]) -> None:
    """In the middle of a conversation too; a reading that a person asked for is taken."""
    picture = receipt()
    show(seeing, picture)
    ask(seeing, QUESTION, picture)
    assert "Text in" not in prompts[-1]
    pixels = load_image(picture)
    ok(seeing.begin_reading(pixels.data, pixels.width, pixels.height, True))
    while "reading" not in ok(seeing.read_on()):
        pass
    assert ok(seeing.picture()) == "read"
    _, reads = ask(seeing, NEXT, picture, with_text=True)
    assert not reads
    before, after = prompts[-1].split("Text in the picture:")
    assert QUESTION in before
    assert after.index(NEXT) > 0
    show(seeing, Image.new("RGB", (64, 48), "white"))
    assert ok(seeing.picture()) == "none"
    assert ok(seeing.reading()) is None
    ask(seeing, QUESTION, Image.new("RGB", (64, 48), "white"), with_text=True)
    assert "No text was found in the picture.\n\n" + QUESTION in prompts[-1]


def test_what_leaves_the_context_is_told_again(blind: Session, prompts: list[str]) -> None:
    """Only then: it takes up to a third of what this model remembers."""
    picture = receipt()
    show(blind, picture)
    dropped = []
    for number in range(8):
        ask(blind, f"{number} {'word ' * 30}", picture, with_text=True)
        dropped.append(ok(blind.answer_stats())["dropped_turns"])
    assert dropped[:2] == [0, 0]
    assert dropped[-1] > 2
    assert [prompt.count("Text in the picture:") for prompt in prompts] == [1] * 8
    assert [text.startswith("Text in") for text in turns(blind)].count(True) > 1


def turns(session: Session) -> list[str]:
    """Return what was asked in the conversation so far."""
    conversation = session._conversation
    assert conversation
    return [message["content"][-1]["text"] for message in conversation.messages if message["role"] == "user"]


@pytest.mark.parametrize(
    ("question", "options", "code"),
    [
        (" ", {}, "question-empty"),
        (QUESTION, {"heat": 1}, "sampling-unknown"),
        (QUESTION, {"withText": True}, "sampling-misnamed"),
    ],
)
def test_what_cannot_be_asked_costs_no_reading(
    seeing: Session, question: str, options: dict[str, Any], code: str
) -> None:
    show(seeing, receipt())
    for use in (seeing.reads_first, seeing.ask):
        with pytest.raises(TinyVLMError) as refused:
            ok(use(question, json.dumps({"with_text": True, **options})))
        assert refused.value.code == code


def test_the_bundled_model_refuses_it_as_natively(bundled: Session) -> None:
    picture = receipt()
    show(bundled, picture)
    options = json.dumps({"with_text": True})
    assert ok(bundled.reads_first(QUESTION, options)) is False
    with pytest.raises(TinyVLMError) as refused:
        ok(bundled.ask(QUESTION, options))
    with VLM.from_pretrained(threads=2) as vlm, pytest.raises(TinyVLMError) as natively:
        vlm.ask(picture, QUESTION, with_text=True)
    assert (refused.value.code, refused.value.details) == (natively.value.code, natively.value.details)
    assert refused.value.code == "bad-argument"
    ok(bundled.ask(QUESTION, json.dumps({"with_text": False})))


def test_without_a_picture_there_is_nothing_to_tell(seeing: Session, prompts: list[str]) -> None:
    ok(seeing.forget())
    ask(seeing, QUESTION, with_text=True)
    ok(seeing.forget())
    ask(seeing, QUESTION)
    assert prompts[0] == prompts[1]
