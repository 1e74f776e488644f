"""One model, many users: threads that ask at once, what is left when it is closed or dropped, forked processes."""

from __future__ import annotations

import copy
import gc
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.shapes import shape_image
from tinyvlm import VLM, InputError
from tinyvlm.backends.wasmtime_kernels import WasmtimeKernels
from tinyvlm.turns import Turns

COLOR = "What color is the shape?"
SHAPE = "What shape is in the image?"
PATIENCE = 60
"""Seconds after which a wait counts as a hang."""

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


@pytest.fixture(scope="module")
def vlm() -> Iterator[VLM]:
    with VLM.from_pretrained(backend="wasm", threads=2) as vlm:
        yield vlm


@pytest.fixture
def wasm() -> Iterator[VLM]:
    """One that a test may close, or whose memory it measures."""
    with VLM.from_pretrained(backend="wasm", threads=2) as vlm:
        yield vlm


def code_of(action: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        action()
    return caught.value.code


class Gate:
    """Stands before a runner's `extend`: notes who passes, and holds the first until told."""

    def __init__(self, vlm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
        self.passed: list[str] = []
        self.reached, self.open = threading.Event(), threading.Event()
        extend = vlm._runner.extend

        def guarded(*arguments: Any) -> int:
            self.passed.append(threading.current_thread().name)
            self.reached.set()
            assert self.open.wait(PATIENCE)
            return extend(*arguments)

        monkeypatch.setattr(vlm._runner, "extend", guarded)


# ---- threads -----------------------------------------------------------------------------------------------------


def test_threads_that_ask_at_once_each_get_their_own_answer(vlm: VLM) -> None:
    colors = ("red", "blue", "green", "yellow")
    start = threading.Barrier(len(colors))

    def ask(color: str) -> list[str]:
        start.wait(PATIENCE)
        picture = shape_image("circle", color)
        image = vlm.encode_image(picture)
        return [vlm.ask(image, COLOR), vlm.ask(picture, SHAPE), vlm.ask(image, COLOR)]

    with ThreadPoolExecutor(len(colors)) as pool:
        answers = list(pool.map(ask, colors))
    assert answers == [[color, "circle", color] for color in colors]


def test_a_question_waits_for_the_whole_answer_before_it(vlm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    image = vlm.encode_image(shape_image("circle", "red"))
    gate = Gate(vlm, monkeypatch)
    second_is_there = threading.Event()

    def second() -> str:
        second_is_there.set()
        return vlm.ask(image, SHAPE)

    with ThreadPoolExecutor(1, "first") as one, ThreadPoolExecutor(1, "second") as two:
        first_answer = one.submit(vlm.ask, image, "Describe the image.")
        assert gate.reached.wait(PATIENCE)
        second_answer = two.submit(second)
        assert second_is_there.wait(PATIENCE)
        gate.open.set()
        assert first_answer.result(PATIENCE) == "A red circle."
        assert second_answer.result(PATIENCE) == "circle"
    assert len(set(gate.passed)) == 2
    assert gate.passed == sorted(gate.passed), "one thread's steps lie between the other's"


def test_a_stream_that_another_thread_replaces_says_so(vlm: VLM) -> None:
    image = vlm.encode_image(shape_image("triangle", "blue"))
    stream = vlm.stream(image, "Describe the image.")
    next(stream)
    with ThreadPoolExecutor(1) as pool:  # does not wait for the stream, whose reader may never come back
        assert pool.submit(vlm.ask, image, COLOR).result(PATIENCE) == "blue"
    assert code_of(lambda: next(stream)) == "stream-replaced"


def test_streams_that_threads_read_in_turn_end_whole_or_replaced(vlm: VLM) -> None:
    image = vlm.encode_image(shape_image("rectangle", "green"))
    whole = vlm.ask(image, "Describe the image.")
    steps = threading.Barrier(2)

    def read(stream: Iterator[str]) -> str:
        text = ""
        steps.wait(PATIENCE)
        try:
            for piece in stream:
                text += piece
        except InputError as error:
            return error.code
        return text

    first, second = (vlm.stream(image, "Describe the image.") for _ in range(2))
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, (first, second))) == ["stream-replaced", whole]


def test_a_thread_may_keep_its_turn_for_several_calls(vlm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    image = vlm.encode_image(shape_image("circle", "red"))
    gate = Gate(vlm, monkeypatch)
    gate.open.set()
    with ThreadPoolExecutor(1, "other") as pool:
        with vlm.turns:
            other = pool.submit(vlm.ask, image, COLOR)
            stream = vlm.stream(image, SHAPE)
            assert "".join(stream) == "circle"
            assert "other" not in "".join(gate.passed)
        assert other.result(PATIENCE) == "red"


def test_a_question_after_one_that_failed_has_its_turn(vlm: VLM) -> None:
    assert code_of(lambda: vlm.ask(None, "")) == "question-empty"
    assert code_of(lambda: vlm.ask(b"", COLOR)) == "image-empty"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(vlm.ask, shape_image(), COLOR).result(PATIENCE) == "red"


# ---- images ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backends", [("wasm", "wasm"), ("wasm", "numpy")])
def test_an_image_of_another_model_is_told(backends: tuple[Any, Any]) -> None:
    with VLM.from_pretrained(backend=backends[0]) as mine, VLM.from_pretrained(backend=backends[1]) as other:
        image = mine.encode_image(shape_image("circle", "red"))
        theirs = other.encode_image(shape_image("triangle", "blue"))
        for action in (
            lambda: other.ask(image, COLOR),
            lambda: other.stream(image, COLOR),
            lambda: other.conversation().ask(COLOR, image),
            lambda: other.logits([1, 2], image),
        ):
            assert code_of(action) == "image-of-another-model"
        assert (mine.ask(image, COLOR), other.ask(theirs, COLOR)) == ("red", "blue")


def test_an_images_memory_goes_back_in_the_thread_that_runs_the_model(
    wasm: VLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernels = wasm._runner._kernels
    kept = wasm.encode_image(shape_image("circle", "red"))
    wasm.encode_image(shape_image("circle", "green"))
    used = kernels.call("heap_used")
    images = [wasm.encode_image(shape_image("triangle", color)) for color in ("blue", "yellow", "green")]
    assert kernels.call("heap_used") > used
    freed_by = []
    call = kernels.call

    def noting(name: str, *arguments: int) -> int:
        freed_by.append((name, threading.get_ident()))
        return call(name, *arguments)

    monkeypatch.setattr(kernels, "call", noting)
    thread = threading.Thread(target=images.clear)
    thread.start()
    thread.join()
    assert freed_by == []
    assert wasm.stats()["kernel_memory_bytes"] == used
    assert {ident for name, ident in freed_by if name == "heap_free"} == {threading.get_ident()}
    assert wasm.ask(kept, COLOR) == "red"


# ---- closed and dropped ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["numpy", "wasm"])
def test_a_closed_model_says_so(backend: Any) -> None:
    vlm = VLM.from_pretrained(backend=backend, threads=2)
    image = vlm.encode_image(shape_image())
    stream = vlm.stream(image, "Describe the image.")
    next(stream)
    with vlm as same:
        assert same is vlm
    vlm.close()
    for action in (
        lambda: next(stream),
        lambda: vlm.ask(image, COLOR),
        lambda: vlm.conversation().ask(COLOR, shape_image()),
        lambda: vlm.encode_image(shape_image()),
        lambda: vlm.logits([1], image),
        vlm.stats,
    ):
        assert code_of(action) == "model-closed"


def test_closing_waits_for_the_answer_that_runs(wasm: VLM, monkeypatch: pytest.MonkeyPatch) -> None:
    image = wasm.encode_image(shape_image("circle", "red"))
    gate = Gate(wasm, monkeypatch)
    with ThreadPoolExecutor(2) as pool:
        answer = pool.submit(wasm.ask, image, COLOR)
        assert gate.reached.wait(PATIENCE)
        closed = pool.submit(wasm.close)
        gate.open.set()
        closed.result(PATIENCE)
        assert answer.result(PATIENCE) == "red"


def test_closed_kernels_say_so_and_have_no_threads() -> None:
    kernels = WasmtimeKernels(threads=3)
    helpers = list(kernels._helpers)
    kernels.close()
    kernels.close()
    assert [helper.is_alive() for helper in helpers] == [False, False]
    for action in (
        lambda: kernels.run(0, 0, 0, 0, 0, 0),
        lambda: kernels.call("heap_used"),
        lambda: kernels.write(64, b"x"),
        lambda: kernels.read(64, 1),
    ):
        assert code_of(action) == "model-closed"


def test_models_that_are_dropped_leave_nothing_behind() -> None:
    """Ten of them, without close: by counting references alone, as the collector may come late."""
    gc.collect()
    gc.disable()
    try:
        helpers, memories = [], []
        for _ in range(10):
            vlm = VLM.from_pretrained(backend="wasm", threads=2)
            next(vlm.stream(shape_image(), "Describe the image."))
            kernels = vlm._runner._kernels
            helpers += kernels._helpers
            memories += [weakref.ref(kernels._memory), weakref.ref(kernels._lead)]
            del vlm, kernels
        for helper in helpers:
            helper.join(PATIENCE)
        assert [helper.is_alive() for helper in helpers] == [False] * 10
        assert [memory() for memory in memories] == [None] * 20
    finally:
        gc.enable()


def test_an_image_outlives_its_model() -> None:
    vlm = VLM.from_pretrained(backend="wasm", threads=2)
    images = [vlm.encode_image(shape_image("circle", color)) for color in ("red", "blue")]
    memory = weakref.ref(vlm._runner._kernels._memory)
    del vlm
    gc.collect()
    assert memory() is None
    images.clear()


# ---- processes ---------------------------------------------------------------------------------------------------

FORKED = """
import multiprocessing, os, signal, sys, threading
from fixtures.shapes import shape_image
from tinyvlm import VLM, TinyVLMError

def code_of(action):
    try:
        return action()
    except TinyVLMError as error:
        return error.code

def ask():
    return code_of(lambda: vlm.ask(image, "What color is the shape?"))

def load_and_ask():
    with VLM.from_pretrained(backend=backend, threads=2) as own:
        return own.ask(shape_image("triangle", "blue"), "What color is the shape?")

def in_child(action):
    ours, theirs = os.pipe()
    if not os.fork():
        signal.alarm(60)
        os.write(theirs, str(action()).encode())
        os._exit(0)
    os.close(theirs)
    os.wait()
    return os.read(ours, 100).decode()

backend = sys.argv[1]
vlm = VLM.from_pretrained(backend=backend, threads=2)
image = vlm.encode_image(shape_image("circle", "red"))
stream = vlm.stream(image, "Describe the image.")
next(stream)
print(ask(), in_child(ask), in_child(lambda: code_of(vlm.stats) and "stats"), in_child(vlm.close))
print(in_child(lambda: code_of(lambda: next(stream))))

inside, leave = threading.Event(), threading.Event()
def hold():
    with vlm.turns:
        inside.set()
        leave.wait(60)
thread = threading.Thread(target=hold)
thread.start()
inside.wait(60)
print(in_child(ask))
leave.set()
thread.join()

with multiprocessing.get_context("fork").Pool(1) as pool:
    print(pool.apply_async(ask).get(60), pool.apply_async(load_and_ask).get(60))
print(ask())
"""


@pytest.mark.parametrize("backend", ["numpy", "wasm"])
def test_a_forked_child_gets_a_sentence_or_an_answer_and_may_load_its_own(backend: str) -> None:
    """Kernels have threads that a child has not; numpy has all that it needs."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, backend]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=SCRIPTS)
    assert run.stderr == ""
    inherited = "red" if backend == "numpy" else "other-process"
    assert run.stdout.split("\n") == [
        f"red {inherited} stats None",
        "stream-replaced",
        inherited,
        f"{inherited} blue",
        "red",
        "",
    ]


def test_a_model_is_not_copied(vlm: VLM) -> None:
    """As a pool would do it for `pool.map(vlm.ask, ...)`."""
    for copied in (lambda: pickle.dumps(vlm), lambda: pickle.dumps(vlm.ask), lambda: copy.copy(vlm)):
        assert code_of(copied) == "other-process"


# ---- the number of threads ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("threads", [-1, 0, 1.5, "2", True])
def test_a_number_of_threads_is_a_count(threads: Any) -> None:
    with pytest.raises(InputError, match="threads must be a whole number of at least 1"):
        VLM.from_pretrained(backend="wasm", threads=threads)


def test_a_number_of_threads_may_be_numpys() -> None:
    with VLM.from_pretrained(backend="wasm", threads=np.int64(2)) as vlm:
        assert (vlm.stats()["threads"], vlm.stats()["threads_reason"]) == (2, "as asked")


def test_where_the_system_gives_fewer_threads_those_do(monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def start_one(thread: threading.Thread) -> None:
        if thread.name == "tinyvlm-kernel-2":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_one)
    with VLM.from_pretrained(backend="wasm", threads=4) as vlm:
        assert (vlm.stats()["threads"], vlm.stats()["threads_reason"]) == (2, "more could not be started")
        assert vlm.ask(shape_image("circle", "red"), COLOR) == "red"


def test_a_turn_that_was_the_last_is_told() -> None:
    turns = Turns()
    with turns, turns:
        pass
    assert [turns.end(), turns.end()] == [True, False]
    assert code_of(turns.__enter__) == "model-closed"
