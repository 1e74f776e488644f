"""The page in its languages: which it speaks, that another can be chosen at any time, and that nothing is left."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from scripted_page import WEB, ScriptedPage
from test_page_storage import model
from test_page_ui import bring_files
from tinyvlm.hub.published_figures import TASKS
from transfers import SHAPE

# English, with every sentence and error between brackets, and what is filled in outside of them: a file of it.
BRACKETED = """
import en from "./en.js?as-it-is";
import { SENTENCES } from "/engine/shared/error_table.js";
import { SENTENCES as LATE } from "/engine/shared/late_errors.js";
const bracketed = (said) => {
  if (typeof said === "string") return `⟦${said.replace(/\\{\\w+\\}/g, "⟧$&⟦")}⟧`;
  return Object.fromEntries(Object.entries(said).map(([category, form]) => [category, bracketed(form)]));
};
const errors = Object.entries({ ...SENTENCES, ...LATE }).map(([code, sentence]) => [`error.${code}`, sentence]);
export default bracketed({ ...en, ...Object.fromEntries(errors) });
"""
SPEAK = """async (code) => {
  const { speak } = await import("/i18n/strings.js");
  await speak(code);
}"""

# Those as well that only dialogs say.
SPEAK_ALL = "async () => { await (await import('/i18n/strings.js')).speakAll(); }"

MISTAKES = """async () => {
  const { byId } = await import("/ui/common/dom.js");
  const { translate } = await import("/ui/common/say.js");
  const naming = (key) => {
    const root = document.createElement("div");
    root.innerHTML = `<p data-t="${key}"></p>`;
    return root;
  };
  const mistakes = [
    () => byId("nothing"),
    () => byId("choose", HTMLInputElement),
    () => translate(naming("nothing")),
    () => translate(naming("toString")),
    () => translate(naming("image.size")),
  ];
  return mistakes.map((make) => {
    try {
      return make();
    } catch (error) {
      return error.message;
    }
  });
}"""

# Texts of the page, seen or hidden, but for those that are marked as English; and attributes that are read or shown.
TEXTS = """() => {
  const texts = [document.title];
  for (const node of document.querySelectorAll("body, body *:not(noscript, #language option)")) {
    const words = node.closest("body [lang=en]") ? [] : [...node.childNodes];
    for (const child of words) if (child.nodeType === Node.TEXT_NODE) texts.push(child.data);
    for (const name of ["aria-label", "placeholder", "title", "alt"]) texts.push(node.getAttribute(name) ?? "");
  }
  return texts;
}"""

# What the HTML names and the page has not written.
UNWRITTEN = """() => {
  const named = document.querySelectorAll("[data-t], [data-t-label], [data-t-placeholder]");
  return [...named].flatMap((node) => {
    const { t, tLabel, tPlaceholder } = node.dataset;
    return [
      t && !node.textContent ? [t] : [],
      tLabel && !node.ariaLabel ? [tLabel] : [],
      tPlaceholder && !node.getAttribute("placeholder") ? [tPlaceholder] : [],
    ].flat();
  });
}"""

QUESTION = "⟦a question⟧"
LINE = {"text": "⟦a line⟧", "confidence": 1, "corners": [[0, 0], [50, 0], [50, 9], [0, 9]], "row": 0, "block": 0}
READING = {"width": 90, "height": 60, "text": "⟦a line⟧", "lines": [{**LINE, "words": []}], "read_ms": 1}
REFUSED = [{"name": "⟦a⟧", "type": "image/png", "hex": b"no image".hex()}]
NO_IMAGES = [{"name": f"⟦{name}⟧", "type": "text/plain", "hex": b"no image".hex()} for name in ("a", "b")]
CARD = {name: f"⟦{name}⟧" for name in ("name", "description", "limits")} | {"suggestions": [QUESTION]}
BENCHMARKS = "|".join(name for names in TASKS.values() for name in names)
FIGURE = r"\d[\d.,\s]*(?:[kMG]B(?:/s)?|ms|Sek\.|%)"
DATA = re.compile(rf"(HuggingFaceTB/)?Smol[\w-]+|{BENCHMARKS}|\bund\b|\d+\. November \d+|{FIGURE}")
"""What the browser or the model writes: names of models and of benchmarks, lists of them, a date, sizes and times."""


def outside_brackets(text: str) -> str:
    """Return what a text says outside of brackets, data left out; nothing where no letter is left."""
    left = DATA.sub("", re.sub("⟦[^⟦⟧]*⟧", "", text)).strip(" ·")
    return left if re.search(r"[^\W\d_]", left) else ""


@pytest.fixture
def bracketed(scripted: ScriptedPage) -> ScriptedPage:
    """The page, where German is a language of brackets, with examples whose questions are in brackets too."""

    def samples(route: Route) -> None:
        shown = json.loads((WEB / "samples/samples.json").read_text(encoding="utf-8"))
        route.fulfill(json=[{**sample, "questions": [QUESTION]} for sample in shown])

    for file in ("de.js", "dialogs/de.js"):
        scripted.page.route(
            f"**/i18n/{file}", lambda route: route.fulfill(body=BRACKETED, content_type="text/javascript")
        )
    scripted.page.route("**/samples.json", samples)
    return scripted


@pytest.fixture
def visit(browser: Browser, scripted_url: str) -> Iterator[Callable[..., ScriptedPage]]:
    """Open the page in a browser of a language."""
    contexts = []

    def opened(locale: str, **variables: Any) -> ScriptedPage:
        contexts.append(browser.new_context(locale=locale, service_workers="block"))
        return ScriptedPage(contexts[-1].new_page(), scripted_url).open(**variables)

    yield opened
    for context in contexts:
        context.close()


def language_files(page: Page) -> list[str]:
    """Which languages' files the page has loaded."""
    names: list[str] = page.evaluate("() => performance.getEntriesByType('resource').map(({ name }) => name)")
    return [match[1] for name in names if (match := re.search(r"/i18n/(\w+)\.js$", name)) and match[1] != "strings"]


@pytest.mark.parametrize(
    ("browsers", "lang", "locale"),
    [
        ("en-US", "en", "en-US"),
        ("ja-JP", "ja", "ja-JP"),
        ("de-AT", "de", "de-AT"),
        ("es-MX", "es", "es-MX"),
        ("fr", "fr", "fr"),
        ("zh-CN", "zh-Hans", "zh-CN"),
        ("zh-TW", "zh-Hans", "zh-Hans"),
        ("pt-BR", "en", "en"),
    ],
)
def test_the_browsers_language_is_spoken_and_none_else_loaded(
    visit: Callable[..., ScriptedPage], browsers: str, lang: str, locale: str
) -> None:
    """A variant that is written alike says how numbers and dates look."""
    opened = visit(browsers)
    expect(opened.locator("html")).to_have_attribute("lang", lang)
    expect(opened.locator("html")).to_have_attribute("dir", "ltr")
    expect(opened.locator("#language")).to_have_value(lang[:2])
    assert opened.page.evaluate("async () => (await import('/i18n/strings.js')).locale()") == locale
    assert language_files(opened.page) == [lang[:2]]


def test_a_choice_stays(visit: Callable[..., ScriptedPage]) -> None:
    opened = visit("de-DE")
    expect(opened.locator("#send")).to_have_text("Senden")
    opened.locator("#language").select_option(label="Français")
    expect(opened.locator("#send")).to_have_text("Envoyer")
    expect(opened.locator("html")).to_have_attribute("lang", "fr")
    opened.reload()
    expect(opened.locator("#send")).to_have_text("Envoyer")
    assert language_files(opened.page) == ["fr"]


def test_without_storage_a_language_can_be_chosen(scripted: ScriptedPage) -> None:
    scripted.page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    scripted.open().locator("#language").select_option("es")
    expect(scripted.locator("#send")).to_have_text("Enviar")
    expect(scripted.locator("#notices")).to_be_empty()


@pytest.mark.allow_console_errors
def test_a_language_that_cannot_be_had_leaves_the_one_before(scripted: ScriptedPage) -> None:
    scripted.page.route("**/i18n/fr.js", lambda route: route.abort())
    scripted.open().locator("#language").select_option("fr")
    expect(scripted.locator("#notices")).to_contain_text("Français could not be loaded")
    expect(scripted.locator("#language")).to_have_value("en")
    expect(scripted.locator("#send")).to_have_text("Send")
    scripted.locator("#language").select_option("ja")
    expect(scripted.locator("#notices")).to_contain_text("Français を読み込めませんでした")


@pytest.mark.allow_console_errors
def test_a_page_whose_language_cannot_be_had_speaks_english(scripted: ScriptedPage) -> None:
    scripted.page.add_init_script("localStorage.setItem('tinyvlm-language', 'fr')")
    scripted.page.route("**/i18n/fr.js", lambda route: route.abort())
    expect(scripted.open().locator("#send")).to_have_text("Send")
    expect(scripted.locator("html")).to_have_attribute("lang", "en")


def test_a_switch_takes_nothing(talked: ScriptedPage) -> None:
    """Not the conversation, the question that is written, the answer that streams, nor a dialog that is open."""
    talked.ask(SHAPE)
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2")
    talked.script("token", "cir")
    talked.locator("#question").fill("a draft")
    talked.locator("#model-button").click()
    talked.locator("#model-source").fill("owner/name")
    talked.page.evaluate(SPEAK, "ja")
    expect(talked.locator("#model-heading")).to_have_text("モデルの選択")
    expect(talked.locator("#model-source")).to_have_value("owner/name")
    talked.page.keyboard.press("Escape")
    expect(talked.locator("#question")).to_have_value("a draft")
    expect(talked.locator(".answer .text")).to_have_text(["circle", "cir"])
    expect(talked.locator(".answer .meta").first).to_have_text("最初のトークンまで 120 ms · 合計 480 ms · 3 トークン")
    talked.script("finish", "circle")
    expect(talked.locator(".answer .text")).to_have_text(["circle", "circle"])
    assert len(talked.calls("ask")) == 2


def test_what_is_english_is_marked_so_and_explained(talked: ScriptedPage) -> None:
    """The bundled model's answers, its limits and the questions that it can be asked."""
    chip, line = talked.locator("#suggestions .chip").first, talked.locator("#english-only")
    expect(line).to_be_empty()
    assert chip.get_attribute("title") is None
    talked.page.evaluate(SPEAK, "de")
    expect(line).to_have_text("Dieses Modell versteht nur Englisch: Bitte fragen Sie auf Englisch.")
    expect(chip).to_have_text(SHAPE)
    expect(chip).to_have_attribute("title", "Welche Form ist auf dem Bild?")
    talked.locator("footer summary").click()
    for selector in ("#suggestions .chip span", ".answer .text", "#stats-panel > p:first-child"):
        expect(talked.locator(selector).first).to_have_attribute("lang", "en")
    expect(talked.locator(".question .text")).to_have_attribute("dir", "auto")
    talked.script("whole", {"remembers": True})
    talked.locator("#model-button").click()
    talked.locator("#model-source").fill("owner/other")
    talked.locator("#model-source").press("Enter")
    talked.script("whole", {"remembers": True})
    expect(line).to_be_empty()


def test_words_of_an_image_are_not_marked_as_english(talked: ScriptedPage) -> None:
    talked.ask("What does it say?")
    talked.page.wait_for_function("() => window.tinyvlm.script.calls.filter(({ name }) => name === 'ask').length === 2")
    talked.script("finish", "Brot", {"width": 9, "height": 9, "text": "Brot", "lines": [], "read_ms": 1})
    expect(talked.locator(".answer .text").last).to_have_attribute("lang", "")


def test_an_error_is_said_in_the_language_of_the_page(scripted: ScriptedPage) -> None:
    scripted.open().script("fail", "model-incomplete", "In English.", {"model": "a/b", "file": "config.json"})
    alert = scripted.locator("#progress [role=alert]")
    expect(alert).to_have_text("In English.")
    scripted.page.evaluate(SPEAK, "de")
    expect(alert).to_have_text("Dem Modell a/b fehlt die Datei config.json.")
    scripted.page.evaluate(SPEAK, "zh")
    expect(alert).to_have_text("模型 a/b 没有文件 config.json。")
    scripted.script("notice", "of-tomorrow", "It rains.")
    scripted.script("notice", "model-incomplete", "Without its details.")
    expect(scripted.locator("#notices")).to_contain_text("It rains.")
    expect(scripted.locator("#notices")).to_contain_text("Without its details.")


@pytest.mark.parametrize("code", ["en", "es", "fr", "de", "ja", "zh"])
def test_every_language_fits_a_narrow_window(talked: ScriptedPage, code: str) -> None:
    talked.page.set_viewport_size({"width": 320, "height": 640})
    talked.page.evaluate(SPEAK, code)
    assert talked.page.evaluate("() => document.documentElement.scrollWidth") == 320
    for button, close in (("#model-button", "#model-cancel"), ("#storage-button", "#storage-close")):
        talked.locator(button).click()
        expect(talked.locator(close)).to_be_visible()
        over = "() => [...document.querySelectorAll('dialog[open]')].map((node) => node.scrollWidth - node.clientWidth)"
        assert talked.page.evaluate(over) == [0]
        talked.locator(close).click()


def test_what_the_html_names_is_written(scripted: ScriptedPage) -> None:
    scripted.open().page.evaluate(SPEAK_ALL)
    assert scripted.page.locator("[data-t-placeholder]").count() >= 2
    assert scripted.page.evaluate(UNWRITTEN) == []


@pytest.mark.parametrize("switched", [False, True])
def test_nothing_is_said_past_the_tables(bracketed: ScriptedPage, switched: bool) -> None:
    """Nor is anything left of a language that was spoken before."""
    said: list[str] = []
    if not switched:
        bracketed.page.add_init_script("localStorage.setItem('tinyvlm-language', 'de')")
    bracketed.open(stored=[model("⟦own⟧", 14), model("⟦public⟧", 520, complete=False)]).page.evaluate(SPEAK_ALL)

    def look() -> None:
        if switched:
            bracketed.page.evaluate(SPEAK, "de")
        said.extend(bracketed.page.evaluate(TEXTS))
        if switched:
            bracketed.page.evaluate(SPEAK, "en")

    bracketed.progress("python", loaded=2.5)
    bracketed.progress(loaded=3.2, total=14.2, kept=1.1, speed=1.25, remaining_s=9, file="⟦file⟧")
    look()
    bracketed.ask(QUESTION)
    bracketed.ask(" ")
    look()
    bracketed.choose_sample()
    bracketed.script("notice", "storage-full", "⟦There is too little space.⟧")
    look()
    for files, words in ((REFUSED, "⟦a⟧"), (NO_IMAGES, "There is no image")):
        bring_files(bracketed.page, "drop", files)
        expect(bracketed.locator("#image-message")).to_contain_text(words)
        look()
    bracketed.script("vision")
    expect(bracketed.locator("#image-state")).to_have_attribute("data-state", "looking")
    look()
    bracketed.script("finish")
    expect(bracketed.locator("#image-state")).to_have_attribute("data-state", "seen")
    look()
    bracketed.script("draft", CARD)
    bracketed.ask(QUESTION)
    bracketed.page.wait_for_function("() => window.tinyvlm.script.calls.at(-1).name === 'ask'")
    look()
    bracketed.script("finish", "⟦an answer⟧")
    expect(bracketed.locator(".answer")).to_have_attribute("data-state", "done")
    bracketed.script("whole", CARD)
    expect(bracketed.locator(".again")).to_be_visible()
    look()
    bracketed.locator("#read-text").click()
    bracketed.progress("reader", loaded=1, total=4)
    look()
    bracketed.script("reader")
    bracketed.page.wait_for_function("() => window.tinyvlm.script.calls.at(-1).name === 'read'")
    look()
    bracketed.script("finishReading", READING)
    expect(bracketed.locator("#copy-text")).to_be_visible()
    look()
    bracketed.locator("#copy-text").click()
    look()
    bracketed.ask(QUESTION)
    bracketed.page.wait_for_function("() => window.tinyvlm.script.calls.at(-1).name === 'ask'")
    bracketed.script("failRequest", "rate-limited", "⟦Too much.⟧")
    expect(bracketed.locator(".answer").last).to_have_attribute("data-state", "error")
    look()
    bracketed.script("restart")
    look()
    bracketed.locator("#model-button").click()
    bracketed.locator("#model-form button[type=submit]").click()
    look()
    bracketed.locator("#model-known button").first.click()
    expect(bracketed.locator("#model-published dl")).to_be_visible()
    look()
    bracketed.page.keyboard.press("Escape")
    bracketed.locator("#storage-button").click()
    bracketed.locator("#storage-delete-all").click()
    look()
    bracketed.locator("#storage-confirm-delete").click()
    expect(bracketed.locator("#storage-empty")).to_be_visible()
    look()
    bracketed.page.keyboard.press("Escape")
    bracketed.script("fail", "no-network", "⟦The network is gone.⟧")
    expect(bracketed.locator("#progress [role=alert]")).to_be_visible()
    look()
    assert len({text for text in said if "⟦" in text}) > 100
    assert {left for text in said if (left := outside_brackets(text))} == set()


def test_mistakes_in_the_html_are_named(scripted: ScriptedPage) -> None:
    """Such as an element that is missing or of another kind, and a sentence that is missing or has {names}."""
    scripted.open().page.evaluate(SPEAK_ALL)
    said = scripted.page.evaluate(MISTAKES)
    assert said == [
        "The page has no #nothing that is an HTMLElement",
        "The page has no #choose that is an HTMLInputElement",
        'The page\'s HTML names "nothing", which is no sentence without {names}',
        'The page\'s HTML names "toString", which is no sentence without {names}',
        'The page\'s HTML names "image.size", which is no sentence without {names}',
    ]
