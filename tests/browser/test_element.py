"""<tiny-vlm> above a double of the engine: what it loads, and when; what it shows and says; what it gives back."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from element_page import ElementPage, element_server, png
from website.site_server import SiteServer

WHAT = "What is this?"
RED = f'<tiny-vlm id=a src=red.png question="{WHAT}"></tiny-vlm>'
FAR = f"{'<br>' * 500}{RED}"
UNGUARDED: dict[str, str] = {}
"""Of a page without a policy of its own."""
ATTRIBUTES = [("src", "red.png"), ("question", WHAT), ("profile", "fast"), ("base", "/models/")]
ASKS_OF_A_PAGE = "() => void document.querySelector('tiny-vlm').ask('Who?').then((text) => (window.answered = text))"
CODE = "error => (error instanceof DOMException ? error.name : error.code)"


@pytest.fixture(scope="module")
def server() -> Iterator[SiteServer]:
    server = element_server().start()
    yield server
    server.close()


@pytest.fixture
def bed(page: Page, server: SiteServer) -> ElementPage:
    return ElementPage(page, server)


@pytest.fixture
def elsewhere() -> Iterator[SiteServer]:
    """Another origin with the same files, which no other page may read."""
    server = element_server().start()
    yield server
    server.close()


def test_it_asks_what_its_attributes_say(bed: ElementPage) -> None:
    bed.open(RED)
    expect(bed.part("progress-text")).to_have_text("Loading the model…")
    bed.engine("progress({ step: 'model', loaded: 45, total: 100 })")
    expect(bed.part("progress-text")).to_have_text("Loading the model… 45%")
    bed.engine("become()")
    expect(bed.part("progress")).to_be_hidden()
    (call,) = bed.asked(1)
    assert call == {"question": WHAT, "image": len(png()), "profile": "balanced", "aborted": False}
    expect(bed.part("image")).to_be_visible()
    bed.engine("token('a ')")
    expect(bed.part("answer")).to_have_text("a")
    bed.engine("token('circle')")
    bed.engine("finish('a circle')")
    expect(bed.part("answer")).to_have_text("a circle")
    assert bed.heard() == [
        ["progress", "a", {"step": "model", "loaded": 45, "total": 100}],
        ["ready", "a", {}],
        ["token", "a", {"text": "a ", "answer": "a "}],
        ["token", "a", {"text": "circle", "answer": "a circle"}],
        ["answer", "a", {"question": WHAT, "answer": "a circle", "draft": False}],
    ]


@pytest.mark.parametrize("first", range(len(ATTRIBUTES)))
def test_attributes_come_in_any_order(bed: ElementPage, first: int) -> None:
    """And are looked at together: one question is asked."""
    order = [*ATTRIBUTES[first:], *ATTRIBUTES[:first]]
    bed.open("<tiny-vlm></tiny-vlm>")
    bed.run("argument.forEach(([name, value]) => element.setAttribute(name, value))", order)
    bed.wait("() => engines.some(({ calls }) => calls.length)")
    used = bed.page.evaluate(
        """() => engines.flatMap(({ options, disposed, calls }) =>
          calls.map(({ question, profile, image }) => [options.baseURL, disposed, question, profile, image.size]))"""
    )
    assert used == [[f"{bed.url}models/", False, WHAT, "fast", len(png())]]


@pytest.mark.allow_console_errors
def test_properties_are_attributes(bed: ElementPage) -> None:
    bed.open("<tiny-vlm></tiny-vlm>")
    for name, unset in {
        "src": "",
        "alt": "",
        "question": "",
        "model": "",
        "base": "",
        "hub": "",
        "profile": "balanced",
    }.items():
        assert bed.run("element[argument]", name) == unset
        bed.run("element[argument] = 'fast'", name)
        assert bed.run("[element[argument], element.getAttribute(argument)]", name) == ["fast", "fast"]


def test_what_was_set_before_it_was_defined_counts(bed: ElementPage) -> None:
    """Frameworks set properties of elements whose module is still on its way; what lies inside is shown meanwhile."""
    bed.open("<tiny-vlm><p id=before>An image will be here.</p></tiny-vlm>", defined=False)
    expect(bed.page.locator("#before")).to_be_visible()
    bed.run(f"Object.assign(element, {{ question: '{WHAT}', src: 'red.png' }})")
    bed.define()
    assert bed.asked(1)[0]["question"] == WHAT
    assert bed.run("element.getAttribute('src')") == "red.png"
    expect(bed.page.locator("#before")).to_be_hidden()


def test_two_copies_of_the_module_define_it_once(bed: ElementPage) -> None:
    bed.open(RED)
    bed.define("./element.js?again")
    bed.asked(1)


def test_nothing_is_fetched_before_it_is_seen(bed: ElementPage) -> None:
    requests: list[str] = []
    bed.page.on("request", lambda request: requests.append(request.url))
    bed.open(FAR)
    bed.run("element.setAttribute('alt', 'x')")
    # Two frames: whoever watches what is in view has been told by then.
    bed.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert bed.page.evaluate("() => engines.length") == 0
    assert not [url for url in requests if url.endswith("red.png")]
    bed.element().scroll_into_view_if_needed()
    assert bed.asked(1)[0]["question"] == WHAT
    assert len([url for url in requests if url.endswith("red.png")]) == 1


def test_asking_begins_what_was_not_seen(bed: ElementPage) -> None:
    bed.open("<tiny-vlm hidden src=red.png></tiny-vlm>")
    bed.page.evaluate(ASKS_OF_A_PAGE)
    assert bed.asked(1)[0] == {"question": "Who?", "image": len(png()), "profile": "balanced", "aborted": False}
    bed.engine("finish('nobody')")
    bed.wait("() => window.answered === 'nobody'")


def test_elements_with_the_same_model_share_an_engine(bed: ElementPage) -> None:
    one, other = '<tiny-vlm id={} src=red.png question="Who?"></tiny-vlm>', "<tiny-vlm model=big></tiny-vlm>"
    bed.open(one.format("a") + one.format("b") + other)
    bed.wait("() => engines.length === 2 && engines[0].calls.length + engines[1].calls.length === 2")
    shared = bed.page.evaluate("() => engines.findIndex(({ calls }) => calls.length === 2)")
    state = f"() => [engines.length, engines[{shared}].disposed]"
    bed.run("document.querySelector('#a').remove()")
    assert bed.page.evaluate(state) == [2, False]
    bed.run("document.querySelector('#b').remove()")
    bed.wait(f"() => engines[{shared}].disposed")
    assert bed.page.evaluate(f"() => engines[{1 - shared}].disposed") is False


def test_another_model_is_another_engine(bed: ElementPage) -> None:
    bed.open(RED)
    bed.asked(1)
    bed.run("element.model = 'owner/name'")
    assert bed.asked(1, 1)[0]["question"] == WHAT
    assert bed.page.evaluate("() => [engines[0].disposed, engines[0].calls[0].aborted, engines[1].options.model]") == [
        True,
        True,
        "owner/name",
    ]


@pytest.mark.allow_console_errors  # an address that is no more is asked for
def test_a_move_keeps_what_leaving_frees(bed: ElementPage) -> None:
    bed.open(f"<main></main>{RED}", headers=UNGUARDED)
    bed.asked(1)
    expect(bed.part("image")).to_be_visible()
    bed.run("document.querySelector('main').append(element)")
    bed.page.evaluate("() => Promise.resolve()")
    assert bed.page.evaluate("() => [engines.length, engines[0].disposed, engines[0].calls[0].aborted]") == [
        1,
        False,
        False,
    ]
    address = "() => fetch(address).then(() => 'kept', () => 'freed')"
    bed.run("void Object.assign(window, { held: element, address: element.shadowRoot.querySelector('img').src })")
    assert bed.page.evaluate(address) == "kept"
    bed.run("element.remove()")
    bed.wait("() => engines[0].disposed && engines[0].calls[0].aborted")
    assert bed.page.evaluate("() => [held.vlm, held.shadowRoot.querySelector('img').src]") == [None, ""]
    assert bed.page.evaluate(address) == "freed"
    assert bed.heard("error") == []
    bed.page.evaluate("() => document.body.append(held)")  # as a router does that keeps its pages
    assert bed.asked(1, 1)[0]["question"] == WHAT


def test_events_leave_shadow_trees(bed: ElementPage) -> None:
    bed.open("<div id=host></div>")
    bed.run(
        """(() => {
          const inner = document.createElement("tiny-vlm");
          Object.assign(inner, { src: "red.png", question: "Who?" });
          document.querySelector("#host").attachShadow({ mode: "open" }).append(inner);
        })()"""
    )
    bed.engine("become()")
    bed.wait("() => window.heard.length > 0")
    assert bed.heard() == [["ready", "host", {}]]


def test_a_new_image_or_question_is_asked_anew(bed: ElementPage) -> None:
    bed.open(RED)
    bed.asked(1)
    bed.run("element.question = 'Which colour?'")
    bed.asked(2)
    bed.run("element.src = 'blue.png'")
    calls = bed.asked(3)
    assert [call["aborted"] for call in calls] == [True, True, False]
    assert calls[2] == {"question": "Which colour?", "image": len(png("blue")), "profile": "balanced", "aborted": False}
    bed.engine("finish('blue')")
    expect(bed.part("answer")).to_have_text("blue")
    assert [detail["answer"] for _, _, detail in bed.heard("answer")] == ["blue"]
    assert bed.heard("error") == []


def test_looking_closer_is_looking_again(bed: ElementPage) -> None:
    """The engine holds an image by its Blob, and takes another profile for another Blob alone."""
    bed.open(RED)
    bed.asked(1)
    bed.run("void element.ask('Why?').catch(() => {})")
    bed.asked(2)
    bed.run("element.profile = 'accuracy'")
    bed.asked(3)
    same = "() => engines[0].calls.map(({ image }) => engines[0].calls[0].image === image)"
    assert bed.page.evaluate(same) == [True, True, False]


def test_it_is_stopped_and_asked_by_keyboard(bed: ElementPage) -> None:
    bed.open(RED)
    bed.engine("become()")
    bed.asked(1)
    bed.engine("token('a lo')")
    bed.part("question").press("Escape")
    expect(bed.part("note")).to_have_text("Stopped.")
    expect(bed.part("answer")).to_have_text("a lo")
    expect(bed.part("ask")).to_be_visible()
    bed.part("question").fill("And now?")
    bed.part("question").press("Enter")
    assert bed.asked(2)[1]["question"] == "And now?"
    bed.page.keyboard.press("Tab")
    expect(bed.part("stop")).to_be_focused()
    bed.page.keyboard.press("Enter")
    expect(bed.part("ask")).to_be_focused()
    assert [call["aborted"] for call in bed.asked(2)] == [True, True]
    assert bed.heard("error") == bed.heard("answer") == []


def test_a_caller_is_told_of_a_stop(bed: ElementPage) -> None:
    bed.open("<tiny-vlm src=red.png></tiny-vlm>")
    bed.page.evaluate(f"() => {{ window.first = document.querySelector('tiny-vlm').ask('A?').catch({CODE}); }}")
    bed.asked(1)
    bed.page.evaluate(f"() => {{ window.second = document.querySelector('tiny-vlm').ask('B?').catch({CODE}); }}")
    bed.asked(2)
    bed.run("element.stop()")
    assert bed.page.evaluate("() => Promise.all([first, second])") == ["AbortError", "AbortError"]
    outer = f"""() => {{
      const outer = new AbortController();
      window.third = document.querySelector("tiny-vlm").ask("C?", {{ signal: outer.signal }}).catch({CODE});
      outer.abort();
      return third;
    }}"""
    assert bed.page.evaluate(outer) == "AbortError"


def test_the_live_region_says_whole_sentences_alone(bed: ElementPage) -> None:
    bed.open(RED)
    bed.run(
        """(() => {
          window.said = [];
          const region = element.shadowRoot.querySelector("[role=status]");
          new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true });
        })()"""
    )
    bed.engine("become()")
    bed.asked(1)
    for piece in ("a ", "red ", "circle"):
        bed.engine(f"token('{piece}')")
    expect(bed.part("answer")).to_have_attribute("aria-busy", "true")
    bed.engine("finish('a red circle', true)")
    draft = "A draft: the model is not here as a whole yet. Ask again for its exact answer."
    expect(bed.part("note")).to_have_text(draft)
    assert bed.page.evaluate("() => said.at(-1)") == f"a red circle {draft}"
    assert not [
        said for said in bed.page.evaluate("() => said") if said.startswith("a ") and said != f"a red circle {draft}"
    ]
    expect(bed.part("answer")).not_to_have_attribute("aria-busy", "true")
    expect(bed.page.get_by_role("textbox", name="Question about the image")).to_have_value(WHAT)
    expect(bed.page.get_by_role("img", name="The image that is asked about")).to_be_visible()
    bed.run("element.alt = 'A drawing'")
    expect(bed.page.get_by_role("img", name="A drawing")).to_be_visible()


@pytest.mark.allow_console_errors
@pytest.mark.parametrize(
    ("src", "code", "words"),
    [
        ("none.png", "download-failed", "could not be downloaded: the server answered 404"),
        ("http://[bad", "url-invalid", "is not a valid URL"),
        ("ELSEWHERE/blue.png", "host-unreachable", "could not be reached, or does not let this page read it"),
    ],
)
def test_an_image_that_cannot_be_had_is_told(
    bed: ElementPage, elsewhere: SiteServer, src: str, code: str, words: str
) -> None:
    src = src.replace("ELSEWHERE/", elsewhere.url)
    bed.open(f'<tiny-vlm src="{src}" question="{WHAT}"></tiny-vlm>', headers=UNGUARDED)
    expect(bed.part("error")).to_contain_text(words)
    assert [detail["code"] for _, _, detail in bed.heard("error")] == [code]
    expect(bed.part("ask")).to_be_visible()
    bed.run("element.src = 'red.png'")
    assert bed.asked(1)[0]["image"] == len(png())
    expect(bed.part("error")).to_be_hidden()


def test_an_image_of_another_origin_with_cors(bed: ElementPage, elsewhere: SiteServer) -> None:
    elsewhere.extra_headers = {"Access-Control-Allow-Origin": "*"}
    bed.open(f'<tiny-vlm src="{elsewhere.url}blue.png" question="{WHAT}"></tiny-vlm>', headers=UNGUARDED)
    assert bed.asked(1)[0]["image"] == len(png("blue"))


def test_an_engine_that_fails_is_told_once_and_begun_anew(bed: ElementPage) -> None:
    bed.open(RED)
    bed.asked(1)
    bed.engine("fail()")
    expect(bed.part("error")).to_contain_text("too little memory")
    assert [detail["code"] for _, _, detail in bed.heard("error")] == ["memory-refused"]
    assert bed.run("element.vlm") is None
    bed.part("ask").click()
    bed.asked(1, 1)
    bed.engine("become()", 1)
    bed.engine("finish('there')", 1)
    expect(bed.part("answer")).to_have_text("there")
    bed.engine("failLater()", 1)
    bed.wait("() => window.heard.at(-1)[0] === 'error'")
    assert [detail["code"] for _, _, detail in bed.heard("error")] == ["memory-refused", "engine-failing"]
    bed.part("ask").click()
    bed.asked(1, 2)


def test_a_person_brings_an_image(bed: ElementPage) -> None:
    bed.open(f'<tiny-vlm question="{WHAT}"></tiny-vlm>')
    expect(bed.part("image")).to_be_hidden()
    bed.engine("become()")
    with bed.page.expect_file_chooser() as chooser:
        bed.part("choose").click()
    chooser.value.set_files({"name": "mine.png", "mimeType": "image/png", "buffer": png()})
    assert bed.asked(1)[0]["image"] == len(png())
    expect(bed.part("image")).to_be_visible()
    bed.run(
        """(() => {
          const data = new DataTransfer();
          data.items.add(new File(["12345"], "other.png", { type: "image/png" }));
          const drop = new DragEvent("drop", { dataTransfer: data, bubbles: true, composed: true, cancelable: true });
          element.shadowRoot.querySelector("form").dispatchEvent(drop);
          return drop.defaultPrevented;
        })()"""
    )
    assert bed.asked(2)[1]["image"] == 5
    assert bed.run("element.image.name") == "other.png"
    bed.run("element.src = 'red.png'")
    assert bed.asked(3)[2]["image"] == len(png())
    expect(bed.part("choose")).to_be_hidden()
    assert bed.run(f"(() => {{ try {{ element.image = 'x'; }} catch (error) {{ return ({CODE})(error); }} }})()") == (
        "image-not-blob"
    )


def test_what_is_read(bed: ElementPage) -> None:
    bed.open("<tiny-vlm src=red.png></tiny-vlm>")
    assert bed.run("element.read().then(({ text }) => text)") == f"{len(png())} bytes"
    bed.run("element.removeAttribute('src')")
    assert bed.run(f"element.read().catch({CODE})") == "image-missing"
    expect(bed.part("error")).to_have_text("Please choose an image first.")


def test_a_page_styles_it_and_knows_its_states(bed: ElementPage) -> None:
    bed.open(RED)
    bed.run(
        """(() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`
            tiny-vlm { --tiny-vlm-accent: rgb(1, 2, 3); }
            tiny-vlm::part(answer) { color: rgb(4, 5, 6); }
            tiny-vlm:state(answering) { outline: 3px solid rgb(7, 8, 9); }`);
          document.adoptedStyleSheets = [sheet];
        })()"""
    )
    bed.engine("become()")
    bed.asked(1)
    expect(bed.element()).to_have_css("outline-color", "rgb(7, 8, 9)")
    expect(bed.part("answer")).to_have_css("color", "rgb(4, 5, 6)")
    bed.engine("finish('done')")
    expect(bed.part("ask")).to_have_css("background-color", "rgb(1, 2, 3)")
    assert bed.run("element.matches(':state(answering)') || element.matches(':state(loading)')") is False


@pytest.mark.parametrize(
    ("lang", "ask"),
    [
        ("en-GB", "Ask"),
        ("es", "Preguntar"),
        ("fr-CA", "Demander"),
        ("de", "Fragen"),
        ("ja", "質問する"),
        ("zh-Hans", "提问"),
        ("xx", "Ask"),
    ],
)
def test_it_speaks_the_language_around_it(bed: ElementPage, lang: str, ask: str) -> None:
    bed.open(RED, lang=lang)
    expect(bed.part("stop")).to_be_visible()
    expect(bed.part("ask")).to_have_text(ask)


def test_every_language_has_every_word(bed: ElementPage) -> None:
    bed.open()
    words = bed.page.evaluate("() => import('./element/words.js').then(({ WORDS }) => WORDS)")
    assert list(words) == ["en", "es", "fr", "de", "ja", "zh"]
    for name, language in words.items():
        assert language.keys() == words["en"].keys()
        assert all(re.fullmatch(r"\S.*\S", word) for word in language.values())
        assert len(set(language.values())) == len(language)
        assert name == "en" or not set(language.values()) & set(words["en"].values())
