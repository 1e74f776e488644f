"""What is looked at in every browser, one after the other on one page, as a person would meet it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fixtures.shapes import shape_image
from tinyvlm.media.images import load_image

from .known_pictures import SIZE, encoded, pictures
from .session import PageError, Session

ENTER = "\ue007"
SECOND = "second.png"
WHITE = "rgb(255, 255, 255)"
MODULE = "browser_checks/page.js"
ALTERED = "image-canvas-altered"
COLOR = "What color is the shape?"
QUESTIONS = (
    ("circle", "red", COLOR),
    ("circle", "red", "What shape is in the image?"),
    ("rectangle", "blue", COLOR),
    ("triangle", "green", "What shape is in the image?"),
)
LARGEST_DIFFERENCE = 2
"""Of 255: decoders of one lossy format may round in their own ways."""


class Wrong(Exception):
    """What was seen is not what has to be."""


@dataclass(frozen=True)
class Visit:
    """A page in a browser, and what may be so there."""

    session: Session
    url: str
    """The site's, which serves MODULE, too."""
    simd: str
    """The kernels that it has to choose."""
    may_refuse: bool = False
    """Whether it alters canvases: the sentence for that is as good as an answer."""

    def begin(self) -> Any:
        """Once a page has loaded: wait until the model can answer, and return its figures."""
        self.session.load(self.url + MODULE)
        return self.session.call("start")

    def call(self, function: str, *args: Any) -> Any:
        """Call one of page.js."""
        return self.session.call(function, *args)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _drawing(shape: str = "circle", color: str = "red") -> str:
    return _base64(encoded(shape_image(shape, color), "PNG"))


def _expect(fact: bool, what: str) -> None:
    if not fact:
        raise Wrong(what)


def starts(visit: Visit) -> str:
    """The page begins, with the kernels that this engine can run."""
    visit.session.navigate(visit.url)
    stats = visit.begin()
    text = f"{stats['simd']}, threads: {stats['threads']} ({stats['threads_reason']})"
    _expect(stats["simd"] == visit.simd, f"{text}; expected {visit.simd}")
    return text


def answers(visit: Visit) -> str:
    """What small drawings show; where pixels are altered, the sentence for it."""
    said = [_answer(visit, shape, color, question) for shape, color, question in QUESTIONS]
    for answer, (shape, color, question) in zip(said, QUESTIONS, strict=True):
        expected = color if question == COLOR else shape
        _expect(answer == expected or _is_refusal(answer, visit), f"{answer}, not {expected}")
    return ", ".join(said)


def _answer(visit: Visit, shape: str, color: str, question: str) -> str:
    try:
        return str(visit.call("ask", _drawing(shape, color), question))
    except PageError as error:
        return str(error)


def _is_refusal(said: str | int, visit: Visit) -> bool:
    return visit.may_refuse and said == ALTERED


def decodes(visit: Visit) -> str:
    """Every picture as the package has it."""
    seen = {name: _difference(visit, data) for name, data in pictures()}
    differences = {name: difference for name, difference in seen.items() if isinstance(difference, int)}
    refused = {name: code for name, code in seen.items() if isinstance(code, str)}
    wrong = {name: f"differs by {value}" for name, value in differences.items() if value > LARGEST_DIFFERENCE}
    wrong |= {name: code for name, code in refused.items() if not _is_refusal(code, visit)}
    _expect(not wrong, "; ".join(f"{name}: {what}" for name, what in wrong.items()))
    if not differences:
        return f"{len(refused)} kinds: {ALTERED}"
    return f"{len(differences)} kinds differ from the package's by at most {max(differences.values())} of 255"


def _difference(visit: Visit, data: bytes) -> int | str:
    """The largest one of a channel; or what went wrong."""
    try:
        width, height, pixels = visit.call("decode", _base64(data))
    except PageError as error:
        return str(error)
    expected = load_image(data)
    if (width, height) != (expected.width, expected.height):
        return f"{width} x {height}"
    return max(abs(one - other) for one, other in zip(base64.b64decode(pixels), bytes(expected.data), strict=True))


def drops(visit: Visit) -> str:
    """A dropped picture is asked about, and seen on white; a broken one takes nothing away."""
    visit.call("drop", "glass.png", _base64(dict(pictures())["transparent PNG"]))
    if visit.may_refuse and (refusal := _refusal(visit, "glass.png")):
        return refusal
    preview = visit.call("preview", "glass.png")
    _expect(preview == {"width": SIZE[0], "ground": WHITE}, str(preview))
    visit.call("drop", "broken.png", _base64(b"no picture"))
    state = visit.call("refusal", "broken.png")
    _expect(state["name"] == "glass.png", f"{state['name']} took its place")
    return f"on white; a broken one: {state['message']}"


def _refusal(visit: Visit, name: str) -> str | None:
    try:
        return str(visit.call("refusal", name)["message"])
    except PageError:
        return None


def drags(visit: Visit) -> str:
    """A file that is dragged over the page is invited, the page's own pictures are not."""
    invited = visit.call("drag")
    _expect(invited == {"file": True, "own": False}, str(invited))
    return "a file is invited, the page's own picture is not"


def pastes(visit: Visit) -> str:
    """Text with a picture of it goes into the question; a picture alone is asked about."""
    before = visit.call("image")["name"]
    _expect(visit.call("paste", _drawing(), "a\tb"), "text with a picture of it is kept from the question")
    _expect(not visit.call("paste", _drawing(), ""), "a picture is left to the question")
    if visit.may_refuse and not before:
        return "text to the question; " + str(visit.call("refusal", "pasted.png")["message"])
    visit.call("preview", "pasted.png")
    return "text to the question, a picture to be asked about"


def composes(visit: Visit) -> str:
    """Enter that ends a composition, in Safari's order of events, sends nothing; a key that is pressed then does."""
    sent = visit.call("compose", "\u4f55\u8272\u3067\u3059\u304b")
    _expect(sent == 0, "Enter at the end of a composition sends the question")
    visit.session.send_keys("#question", COLOR + ENTER)
    if not visit.call("image")["name"]:
        return "nothing sent by it"
    answer = visit.call("answer")
    _expect(answer == {"state": "done", "text": "red"}, str(answer))
    return f"nothing sent by it; by Enter then: {answer['text']}"


def joins(visit: Visit) -> str:
    """Another picture joins the conversation, and is the one that is asked about from then on."""
    before = visit.call("conversation")
    visit.call("drop", SECOND, _base64(encoded(shape_image("rectangle", "blue"), "PNG")))
    if visit.may_refuse and (refusal := _refusal(visit, SECOND)):
        return refusal
    visit.call("preview", SECOND)
    visit.session.send_keys("#question", COLOR + ENTER)
    answer = visit.call("answer")
    after = visit.call("conversation")
    _expect(answer == {"state": "done", "text": "blue"}, str(answer))
    _expect(after["answers"] == [*before["answers"], "blue"], f"answers: {after['answers']}")
    _expect(after["images"] == before["images"] + 1, f"{after['images']} images, of {before['images']} before")
    _expect(after["pictures"] == before["pictures"] + 1, f"{after['pictures']} of them beside their questions")
    return f"{after['images']} images; answers: {', '.join(after['answers'])}"


def stops(visit: Visit) -> str:
    """After an answer that was stopped, the next question is answered."""
    stopped, answer = visit.call("stop", _drawing())
    _expect(stopped == "AbortError", f"a question that was stopped: {stopped}")
    _expect(answer == "red" or _is_refusal(answer, visit), f"the next question: {answer}")
    return f"{stopped}, then {answer}"


def logs_nothing(visit: Visit) -> str:
    """No error that nobody caught, and nothing that the page's policy kept away."""
    errors = visit.call("errors")
    _expect(not errors, "; ".join(errors))
    return "none"


def comes_back(visit: Visit) -> str:
    """After a reload it starts again, with what the browser has kept, and the conversation is there."""
    before = visit.call("conversation")
    visit.session.reload()
    stats = visit.begin()
    said = f"{stats['simd']}, ready after {stats['load_ms'] / 1000:.1f} s"
    if visit.may_refuse and not before["questions"]:
        return said
    after = visit.call("restored", len(before["questions"]), before["name"])
    _expect(after == before, f"{after} after {before}")
    return f"{said}; {len(after['questions'])} questions about {after['images']} images are there"


CHECKS: dict[str, Callable[[Visit], str]] = {
    "start": starts,
    "answers": answers,
    "decoded images": decodes,
    "drop": drops,
    "drag": drags,
    "paste": pastes,
    "composition": composes,
    "second image": joins,
    "stop": stops,
    "errors": logs_nothing,
    "reload": comes_back,
}
