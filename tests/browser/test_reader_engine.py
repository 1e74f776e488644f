"""Text is read in the page as natively: the reader comes after the model, is kept, and may be missing."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageFont
from playwright.sync_api import BrowserContext, Page, Playwright, Route

from fixtures.pages import page_layouts, sheet
from fixtures.pages.page import draw_page
from test_worker_death import CATCH_WORKERS
from tinyvlm import VLM
from tinyvlm.reading.reading import Reading
from website.site_server import SiteServer

RECEIPT = 13
"""A receipt that does not lean, of 37 lines."""
ALL, TOTAL, COLOR = "What does it say?", "What is the total?", "What color is the picture?"
READER_FILES = "**/models/reader/**"
READER_WEIGHTS = "**/models/reader/model.safetensors"

# What was told of the engine from its beginning, and how many download workers there were by then.
LISTEN = """
window.told = [];
window.downloadsAt = {};
window.progress = {};
const countDownloads = () => window.workers.filter(({ path }) => path.endsWith("download/worker.js")).length;
const listen = setInterval(() => {
  if (!window.tinyvlm) return;
  clearInterval(listen);
  for (const name of ["milestone", "notice", "restart"]) {
    window.tinyvlm.addEventListener(name, ({ detail }) => window.told.push([name, detail?.code ?? detail ?? null]));
  }
  window.tinyvlm.addEventListener("milestone", ({ detail }) => (window.downloadsAt[detail] = countDownloads()));
  window.tinyvlm.addEventListener("progress", ({ detail }) => (window.progress[detail.step] = detail));
}, 0);
"""
KEEP = """([name, data]) => {
  window[name] = new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type: "image/png" });
}"""
ASK = """async ([name, question]) => {
  const phases = [];
  const onPhase = (phase) => phases.push(phase);
  try {
    const answer = await window.tinyvlm.ask(window[name], question, { onPhase });
    const { read, reading } = window.tinyvlm.lastAnswer;
    return { answer, phases, read, reading };
  } catch ({ code, message }) {
    return { code, message, phases };
  }
}"""
READ = """async (name) => {
  const phases = [];
  const lines = [];
  const options = { onPhase: (phase) => phases.push(phase), onLine: ({ text }) => lines.push(text) };
  return { reading: await window.tinyvlm.read(window[name], options), phases, lines };
}"""
CAN_READ = "() => window.tinyvlm.canRead.then(() => true, ({ code }) => code)"
UNTIL_PHASE = """([name, question, wanted]) => new Promise((reached) => {
  window.stopping = new AbortController();
  const options = {
    signal: window.stopping.signal,
    onPhase: (phase) => phase === wanted && reached(true),
  };
  const { tinyvlm } = window;
  const begun = question ? tinyvlm.ask(window[name], question, options) : tinyvlm.read(window[name], options);
  window.outcome = begun.then((value) => value.text ?? value, ({ code, name }) => name === "AbortError" ? name : code);
})"""
STOP = """async () => {
  window.stopping.abort();
  return window.outcome;
}"""
# Of the newest engine: its workers that are ended.
DISPOSE = """() => {
  const ended = [];
  const { terminate } = Worker.prototype;
  Worker.prototype.terminate = function () {
    ended.push(this.path.split("/").slice(-2).join("/"));
    return terminate.call(this);
  };
  window.tinyvlm.dispose();
  return ended.sort();
}"""


def png(image: Image.Image) -> str:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture(scope="module")
def receipt() -> Image.Image:
    """In Pillow's own typeface, which needs no network."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (page_layouts, sheet):
            patch.setattr(module, "font", lambda face, size: ImageFont.load_default(size))
        return draw_page(RECEIPT).image


@pytest.fixture(scope="module")
def native(receipt: Image.Image) -> Iterator[tuple[VLM, Reading]]:
    """The same files under wasmtime, and what they read."""
    with VLM.from_pretrained() as vlm:
        yield vlm, vlm.read(receipt)


@pytest.fixture(scope="module")
def context(
    playwright: Playwright, browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A browser that keeps its files; no service worker, which would fetch what tests route elsewhere."""
    folder = tmp_path_factory.mktemp("reader")
    options = {**browser_type_launch_args, "service_workers": "block"}
    context = playwright.chromium.launch_persistent_context(folder, **options)
    context.add_init_script(CATCH_WORKERS)
    context.add_init_script(LISTEN)
    yield context
    context.close()


Visit = Callable[..., Page]


@pytest.fixture
def visit(context: BrowserContext, site: SiteServer, receipt: Image.Image) -> Iterator[Visit]:
    """Open the page in a tab of its own, which has the receipt and a white picture."""
    pages = []

    def visit(routes: dict[str, Callable[[Route], None]] | None = None, query: str = "threads=2") -> Page:
        page = context.new_page()
        pages.append(page)
        for pattern, handler in (routes or {}).items():
            page.route(pattern, handler)
        page.goto(f"{site.url}?{query}")
        page.evaluate(KEEP, ["receipt", png(receipt)])
        page.evaluate(KEEP, ["white", png(Image.new("RGB", (64, 64), "white"))])
        page.evaluate("() => window.tinyvlm.ready.then(() => true)")
        return page

    yield visit
    for page in pages:
        page.close()


@pytest.fixture
def unkept(visit: Visit) -> None:
    """The browser keeps no reader."""
    page = visit()
    assert page.evaluate(CAN_READ) is True
    page.evaluate("""async () => {
      const { deleteModel, listModels } = await import("/engine/shared/storage.js");
      for (const { id, name } of await listModels()) if (name === "Text reader") await deleteModel(id);
    }""")
    page.close()


def missing(route: Route) -> None:
    route.fulfill(status=404, body="")


class Held:
    """Requests that wait until they are let go."""

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self.asked: list[str] = []
        self.is_open = False

    def __call__(self, route: Route) -> None:
        self.asked.append(route.request.url.rpartition("/")[2])
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        self.is_open = True
        for route in self.routes:
            route.continue_()


def test_the_reader_comes_after_the_model_and_questions_for_it_wait(
    visit: Visit, native: tuple[VLM, Reading], receipt: Image.Image
) -> None:
    """At a first visit. Nothing of it is imported before it is there, and other questions are answered meanwhile."""
    vlm, _ = native
    held = Held()
    page = visit({READER_FILES: held})
    page.evaluate("() => window.tinyvlm.whole")
    (lead,) = (worker for worker in page.workers if worker.url.endswith("/engine/lead/worker.js"))
    measures = "() => performance.getEntriesByType('measure').map(({ name }) => name)"
    assert page.evaluate(ASK, ["receipt", COLOR])["answer"]
    assert "tinyvlm import the reader" not in lead.evaluate(measures)
    page.evaluate(UNTIL_PHASE, ["receipt", TOTAL, "waiting-for-reader"])
    assert page.evaluate(STOP) == "AbortError"
    assert page.evaluate(ASK, ["receipt", COLOR])["answer"]
    page.evaluate(UNTIL_PHASE, ["receipt", TOTAL, "waiting-for-reader"])
    held.let_go()
    expected = vlm.ask(receipt, TOTAL)
    assert page.evaluate("() => window.outcome") == expected
    assert expected == "127.69"
    assert held.asked[0] == "parts.json"
    milestones = [detail for name, detail in page.evaluate("() => window.told") if name == "milestone"]
    assert milestones == ["vision", "draft", "whole", "reader"]
    assert page.evaluate("() => window.downloadsAt") == {"vision": 1, "draft": 1, "whole": 1, "reader": 2}
    assert page.evaluate("() => window.told.filter(([name]) => name === 'notice')") == []
    for step in ("python", "kernels", "package", "model", "reader"):
        last = page.evaluate("(step) => window.progress[step]", step)
        assert (last["done"], last["loaded"]) == (True, last["total"]), step
        assert last["total"] > 0
    assert "tinyvlm import the reader" in lead.evaluate(measures)


def test_a_receipt_is_read_as_natively(visit: Visit, native: tuple[VLM, Reading], receipt: Image.Image) -> None:
    """All of it when asked to, and one fact; what was read once is not read again."""
    vlm, expected = native
    page = visit()
    assert page.evaluate(CAN_READ) is True
    one = page.evaluate(ASK, ["receipt", ALL])
    assert (one["answer"], one["read"]) == (expected.text, True)
    assert one["phases"] == ["decoding", "encoding", "reading", "answering"]
    assert one["reading"].pop("read_ms") > 0
    told = Reading.from_json(one["reading"])
    assert (told.text, told.width, told.height) == (expected.text, *receipt.size)
    assert [line.text for line in told.lines] == [line.text for line in expected.lines]
    for line, other in zip(told.lines, expected.lines, strict=True):
        for (x, y), place in zip(line.corners, other.corners, strict=True):
            assert (x, y) == pytest.approx(place, abs=1.5)
    two = page.evaluate(ASK, ["receipt", TOTAL])
    assert (two["answer"], two["phases"], two["read"]) == (vlm.ask(receipt, TOTAL), ["answering"], True)
    assert len(two["reading"]["lines"]) == len(expected.lines)
    again = page.evaluate(READ, "receipt")
    assert (again["reading"]["text"], again["phases"], again["lines"]) == (expected.text, [], [])
    other = page.evaluate(ASK, ["receipt", COLOR])
    assert (other["read"], other["reading"]) == (False, None)


def test_any_picture_is_read_without_being_asked_about(visit: Visit, native: tuple[VLM, Reading]) -> None:
    """The one that is asked about stays."""
    _, expected = native
    page = visit()
    assert page.evaluate(CAN_READ) is True
    page.evaluate("() => window.tinyvlm.encode(window.white)")
    read = page.evaluate(READ, "receipt")
    assert (read["reading"]["text"], read["phases"]) == (expected.text, ["decoding", "reading"])
    assert sorted(read["lines"]) == sorted(line.text for line in expected.lines)
    asked = page.evaluate(ASK, ["white", ALL])
    assert (asked["answer"], asked["phases"]) == ("I found no text in the picture.", ["reading", "answering"])
    code = page.evaluate("() => window.tinyvlm.read('receipt.png').catch(({ code }) => code)")
    assert code == "image-not-blob"


def test_without_a_network_the_kept_reader_reads(visit: Visit, native: tuple[VLM, Reading]) -> None:
    _, expected = native
    page = visit({"**/models/**": lambda route: route.abort()})
    assert page.evaluate(READ, "receipt")["reading"]["text"] == expected.text
    progress = page.evaluate("() => window.progress.reader")
    assert progress["kept"] == progress["loaded"] == progress["total"] > 3_500_000
    kept = page.evaluate("async () => (await import('/engine/shared/storage.js')).listModels()")
    assert sorted((model["name"], model["complete"]) for model in kept) == [
        ("Text reader", True),
        ("tinyvlm-13m", True),
    ]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_stop_ends_a_reading(visit: Visit, native: tuple[VLM, Reading], threads: int) -> None:
    _, expected = native
    page = visit(query=f"threads={threads}")
    for question in ("", ALL):
        page.evaluate(UNTIL_PHASE, ["receipt", question, "reading"])
        assert page.evaluate(STOP) == "AbortError"
        assert page.evaluate(ASK, ["white", COLOR])["answer"]
    assert page.evaluate(ASK, ["receipt", ALL])["answer"] == expected.text


def test_what_cannot_be_had_is_said_tried_for_again_and_missed_by_the_reader_alone(
    visit: Visit, unkept: None, native: tuple[VLM, Reading]
) -> None:
    """Missing at first, then damaged, then there."""
    _, expected = native
    asked: list[str] = []

    def nothing(route: Route) -> None:
        asked.append(route.request.url.rpartition("/")[2])
        missing(route)

    def damaged(route: Route) -> None:
        asked.append("damaged")
        response = route.fetch()
        route.fulfill(response=response, body=bytes(len(response.body())))

    page = visit({READER_FILES: nothing})
    assert page.evaluate(CAN_READ) == "reader-unavailable"
    assert page.evaluate("() => window.told.filter(([name]) => name === 'notice')") == [
        ["notice", "reader-unavailable"]
    ]
    assert asked == ["parts.json"]
    first = page.evaluate(ASK, ["receipt", ALL])
    assert first["code"] == "reader-unavailable"
    assert first["message"].startswith("The text reader could not be loaded. ")
    assert "waiting-for-reader" in first["phases"]
    assert asked == ["parts.json"] * 2
    assert page.evaluate(ASK, ["receipt", COLOR])["answer"]
    assert len(asked) == 2, "the model needs none of it"
    page.unroute(READER_FILES)
    page.route(READER_WEIGHTS, damaged)
    second = page.evaluate(ASK, ["receipt", ALL])
    assert second["code"] == "reader-unavailable"
    assert "damaged" in asked
    assert page.evaluate(CAN_READ) == "reader-unavailable"
    page.unroute(READER_WEIGHTS)
    assert page.evaluate(ASK, ["receipt", ALL])["answer"] == expected.text
    assert page.evaluate(CAN_READ) is True


def test_a_reader_that_nobody_brings_any_more_is_brought_by_another(
    visit: Visit, unkept: None, native: tuple[VLM, Reading]
) -> None:
    """Its download worker dies while a question waits; then it is the lead that dies."""
    _, expected = native
    held = Held()
    page = visit({READER_WEIGHTS: held})
    page.evaluate(UNTIL_PHASE, ["receipt", ALL, "waiting-for-reader"])
    while not held.routes:
        page.wait_for_timeout(20)  # lets the request in
    held.is_open = True
    page.evaluate("() => window.latest('download/worker.js').terminate()")
    assert page.evaluate("() => window.outcome") == expected.text
    assert ["notice", "reader-unavailable"] in page.evaluate("() => window.told")
    page.evaluate("""() => {
      window.latest("lead/worker.js").terminate();
      return new Promise((next) => window.tinyvlm.addEventListener("restart", next, { once: true })).then(() => true);
    }""")
    assert page.evaluate(CAN_READ) is True
    assert page.evaluate(READ, "receipt")["reading"]["text"] == expected.text


def test_another_start_brings_the_reader_again_and_an_end_ends_its_worker(visit: Visit) -> None:
    page = visit()
    assert page.evaluate(CAN_READ) is True
    before = page.evaluate("() => (window.before = window.tinyvlm.canRead) === window.tinyvlm.canRead")
    assert before, "whoever follows it can tell whether it is the same"
    page.evaluate("() => window.tinyvlm.load()")
    assert page.evaluate("() => window.before !== window.tinyvlm.canRead")
    assert page.evaluate(CAN_READ) is True
    assert page.evaluate(READ, "receipt")["reading"]["lines"]
    ended = page.evaluate(DISPOSE)
    assert page.evaluate(CAN_READ) == "disposed"
    assert ended == ["download/worker.js", "download/worker.js", "lead/worker.js"]


def test_a_site_without_a_reader_has_its_model_answer(visit: Visit) -> None:
    def without(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, json={**response.json(), "reader": None})

    page = visit({"**/site.json": without})
    assert page.evaluate(CAN_READ) == "reader-unavailable"
    answer = page.evaluate(ASK, ["receipt", ALL])
    assert (answer["read"], answer["reading"]) == (False, None)
    refused = page.evaluate("() => window.tinyvlm.read(window.receipt).catch(({ code }) => code)")
    assert refused == "reader-unavailable"
    assert page.evaluate("() => window.told.filter(([name]) => name === 'notice')") == []
