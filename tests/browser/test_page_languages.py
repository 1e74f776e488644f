"""What the page says: all languages say the same things, and the page says nothing that is not in their tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from scripted_page import WEB, ScriptedPage
from test_page_storage import model
from tinyvlm.hub.published_figures import TASKS

Table = Mapping[str, str | Sequence[str]]
"""A language: key -> a sentence, or a list of them."""

TABLES = """async () => {
  const { LANGUAGES } = await import("/i18n/strings.js");
  return Object.fromEntries(Object.entries(LANGUAGES).map(([code, { sentences }]) => [code, sentences]));
}"""

# English, with every sentence between brackets, and what is filled in outside of them.
BRACKETED = """
import en from "./en.js?as-it-is";
const bracketed = (said) =>
  typeof said === "string" ? `⟦${said.replace(/\\{\\w+\\}/g, "⟧$&⟦")}⟧` : said.map(bracketed);
export default Object.fromEntries(Object.entries(en).map(([key, said]) => [key, bracketed(said)]));
"""

MISTAKES = """async () => {
  const { byId, translate } = await import("/ui/common/dom.js");
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

# Texts of the page, seen or hidden, and attributes that are read out or shown.
TEXTS = """() => {
  const texts = [];
  for (const node of document.querySelectorAll("body, body *:not(noscript)")) {
    for (const child of node.childNodes) if (child.nodeType === Node.TEXT_NODE) texts.push(child.data);
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
CARD = {name: f"⟦{name}⟧" for name in ("name", "description", "limits")} | {"suggestions": [QUESTION]}
BENCHMARKS = "|".join(name for names in TASKS.values() for name in names)
DATA = re.compile(rf"(HuggingFaceTB/)?Smol[\w-]+|{BENCHMARKS}|relaxed|\d+ November \d+")
"""Names of models to choose from and of benchmarks, a figure that is a word, and a date, which the browser writes."""


def differences(table: Table, other: Table) -> list[str]:
    """Return what `other` lacks or says differently from `table`, whose keys, kinds and {names} it has to have."""
    found = [f"{key}: missing" for key in table.keys() - other.keys()]
    found += [f"{key}: unknown" for key in other.keys() - table.keys()]
    for key in table.keys() & other.keys():
        if isinstance(table[key], str) != isinstance(other[key], str):
            found.append(f"{key}: a sentence in one, a list in the other")
        elif not other[key]:
            found.append(f"{key}: empty")
        elif _names(table[key]) != _names(other[key]):
            found.append(f"{key}: other names in braces")
    return sorted(found)


def _names(said: str | Sequence[str]) -> set[str]:
    return set(re.findall(r"\{\w*\}?|\}", said if isinstance(said, str) else " ".join(said)))


def outside_brackets(text: str) -> str:
    """Return what a text says outside of brackets, data left out; nothing where no letter is left."""
    left = DATA.sub("", re.sub("⟦[^⟦⟧]*⟧", "", text)).strip(" ·")
    return left if re.search(r"[^\W\d_]", left) else ""


@pytest.fixture
def bracketed(scripted: ScriptedPage) -> ScriptedPage:
    """The page in a language of brackets, with examples whose words are in brackets too."""

    def samples(route: Route) -> None:
        shown = json.loads((WEB / "samples/samples.json").read_text(encoding="utf-8"))
        route.fulfill(json=[{**sample, "alt": f"⟦{sample['alt']}⟧", "questions": [QUESTION]} for sample in shown])

    scripted.page.route("**/i18n/en.js", lambda route: route.fulfill(body=BRACKETED, content_type="text/javascript"))
    scripted.page.route("**/samples.json", samples)
    return scripted.open(stored=[model("⟦own⟧", 14), model("⟦public⟧", 520, complete=False)])


def test_every_language_says_what_english_says(page: Page, scripted_url: str) -> None:
    page.goto(scripted_url)
    tables: dict[str, dict[str, Any]] = page.evaluate(TABLES)
    assert sorted(tables) == sorted(path.stem for path in WEB.glob("i18n/*.js") if path.stem != "strings")
    assert len(tables["en"]) > 100
    for language, table in tables.items():
        assert differences(tables["en"], table) == [], language


def test_what_the_html_names_is_written(scripted: ScriptedPage) -> None:
    scripted.open()
    assert scripted.page.locator("[data-t-placeholder]").count() >= 2
    assert scripted.page.evaluate(UNWRITTEN) == []


def test_differences_between_languages_are_found() -> None:
    table: Table = {"send": "Send", "size": "{width} × {height}", "hints": ["Why?"]}
    assert differences(table, {"send": "Senden", "size": "{height} auf {width}", "hints": ["Was?", "Wo?"]}) == []
    assert differences(table, {"send": "Senden", "size": "", "stop": "Halt"}) == [
        "hints: missing",
        "size: empty",
        "stop: unknown",
    ]
    assert differences(table, {"send": ["Senden"], "size": "{Breite} × {height}", "hints": []}) == [
        "hints: empty",
        "send: a sentence in one, a list in the other",
        "size: other names in braces",
    ]
    assert differences({"size": "{width}"}, {"size": "{width"}) == ["size: other names in braces"]


def test_nothing_is_said_past_the_tables(bracketed: ScriptedPage) -> None:
    said: list[str] = []

    def look() -> None:
        said.extend(bracketed.page.evaluate(TEXTS))

    bracketed.progress("python", loaded=2.5)
    bracketed.progress(loaded=3.2, total=14.2, kept=1.1, speed=1.25, remaining_s=9, file="⟦file⟧")
    look()
    bracketed.ask(QUESTION)
    bracketed.ask(" ")
    look()
    bracketed.choose_sample()
    bracketed.script("notice", "storage-full", "⟦There is too little space.⟧")
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
    said = scripted.open().page.evaluate(MISTAKES)
    assert said == [
        "The page has no #nothing that is an HTMLElement",
        "The page has no #choose that is an HTMLInputElement",
        'The page\'s HTML names "nothing", which is no sentence without {names}',
        'The page\'s HTML names "toString", which is no sentence without {names}',
        'The page\'s HTML names "image.size", which is no sentence without {names}',
    ]
