"""What it looked at: each word of an answer with the places in the image, and what else it could have said."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from scripted_page import ScriptedPage

WIDTH, HEIGHT = 320, 240


def word(text: str, probability: float, heat: list[list[float]] | None, elsewhere: float = 0.2) -> dict[str, Any]:
    """A word that could have been another one, or the end."""
    others = [(text, probability), (" square", 0.1), ("", 0.05)]
    alternatives = [{"text": other, "probability": share} for other, share in others]
    return {
        "text": text,
        "probability": probability,
        "alternatives": alternatives,
        "heat": heat,
        "elsewhere": elsewhere,
    }


RIGHT_ABOVE = [[0.0, 1.0], [0.0, 0.0]]
LEFT_BELOW = [[0.0, 0.0], [0.75, 0.25]]
WORDS = [word("a", 0.9, RIGHT_ABOVE), word(" circle", 0.5, LEFT_BELOW), word(".", 0.2, None, 0.95)]
OWN = {"text": "a circle.", "kind": "own", "draft": False, "words": WORDS}


def explained(page: ScriptedPage, explanation: dict[str, Any]) -> Locator:
    """Ask what the answer's model looked at, and have it told."""
    page.locator(".answer").get_by_role("button", name="What it looked at").click()
    expect(page.locator(".answer")).to_contain_text("Looking once more…")
    page.until_running("explain")
    page.script("finishExplaining", explanation)
    expect(page.locator(".answer")).not_to_contain_text("Looking once more…")
    return page.locator(".answer .explained")


def warm(page: ScriptedPage) -> list[list[float]]:
    """Where colour lies over the picture, in shares of its sides, with how thick it lies."""
    cells: list[list[float]] = page.page.evaluate(
        """() => {
          const layer = document.querySelector("#picture .heat-layer");
          const { width, height } = layer.viewBox.baseVal;
          return [...layer.querySelectorAll("rect")].map((cell) => [
            cell.x.baseVal.value / width, cell.y.baseVal.value / height, Number(cell.getAttribute("opacity")),
          ]);
        }"""
    )
    return cells


def test_each_word_shows_where_it_came_from(talked: ScriptedPage) -> None:
    explanation = explained(talked, OWN)
    words = explanation.locator(".looked-word")
    expect(words).to_have_text(["a", "circle", "."])
    expect(words.first).to_have_attribute("aria-pressed", "true")
    expect(explanation).to_contain_text("“a”: 90% sure")
    [[x, y, most]] = warm(talked)
    assert (x, y) == (0.5, 0.0)
    words.nth(1).hover()
    expect(explanation).to_contain_text("“circle”: 50% sure")
    expect(explanation).to_contain_text("In colour on the image")
    [[*left, warmest], [*right, cooler]] = warm(talked)
    assert (left, right) == ([0.0, 0.5], [0.5, 0.5])
    assert warmest == most > cooler
    words.nth(2).click()
    expect(explanation).to_contain_text("it looked at the image as a whole")
    expect(talked.locator("#picture .heat-layer")).to_be_hidden()


def test_what_else_it_could_have_said(talked: ScriptedPage) -> None:
    others = explained(talked, OWN).locator(".looked-others li")
    expect(others).to_have_count(3)
    expect(others.nth(1)).to_contain_text("square")
    expect(others.nth(1)).to_contain_text("10%")
    expect(others.nth(2)).to_contain_text("the end of the answer")


def test_arrow_keys_go_from_word_to_word(talked: ScriptedPage) -> None:
    words = explained(talked, OWN).locator(".looked-word")
    words.first.focus()
    for key, at in (("ArrowRight", 1), ("ArrowRight", 2), ("ArrowRight", 2), ("Home", 0), ("ArrowLeft", 0), ("End", 2)):
        talked.page.keyboard.press(key)
        expect(words.nth(at)).to_be_focused()
        expect(words.nth(at)).to_have_attribute("aria-pressed", "true")
    assert [words.nth(at).get_attribute("tabindex") for at in range(3)] == ["-1", "-1", "0"]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("unsure", "It was not sure"),
        ("named", "This name comes from what the whole image looks like"),
        ("unserved", "This sentence stands in place of an answer."),
        ("read", "This was read in the image"),
    ],
)
def test_words_that_are_not_the_models_own_are_said_to_be_so(talked: ScriptedPage, kind: str, said: str) -> None:
    explanation = explained(talked, {**OWN, "kind": kind})
    expect(explanation).to_contain_text(said)
    expect(explanation.locator(".looked-word")).to_have_count(0)
    expect(talked.locator("#picture .heat-layer")).to_be_hidden()


def test_the_colour_goes_with_the_image(talked: ScriptedPage) -> None:
    explained(talked, OWN)
    expect(talked.locator("#picture .heat-layer")).to_be_visible()
    talked.choose_sample(1)
    expect(talked.locator("#picture .heat-layer")).to_be_hidden()


def test_it_is_asked_about_the_answers_own_image(talked: ScriptedPage) -> None:
    talked.choose_sample(1)
    expect(talked.locator("#image-state")).to_have_text("Looking at the image…")
    talked.script("finish")
    talked.locator(".answer").get_by_role("button", name="What it looked at").click()
    talked.until_running("encode")
    talked.script("finish")
    talked.until_running("explain")
    talked.script("finishExplaining", OWN)
    expect(talked.locator(".looked-word")).to_have_count(3)
    [asked], [about] = talked.calls("ask"), talked.calls("explain")
    assert (about["image"], about["question"]) == (asked["image"], asked["question"])
    expect(talked.locator("#picture .heat-layer")).to_be_visible()


def test_a_failure_is_told_in_its_place(talked: ScriptedPage) -> None:
    talked.locator(".answer").get_by_role("button", name="What it looked at").click()
    talked.until_running("explain")
    talked.script("failRequest", "engine-stopped", "The engine stopped.")
    expect(talked.locator(".answer")).to_contain_text("The engine stopped.")
    expect(talked.locator(".answer .text")).to_have_text("circle")


def test_a_second_click_asks_no_second_time(talked: ScriptedPage) -> None:
    looked = talked.locator(".answer").get_by_role("button", name="What it looked at")
    looked.click()
    looked.click()
    talked.until_running("explain")
    talked.script("finishExplaining", OWN)
    expect(talked.locator(".looked-word")).to_have_count(3)
    assert len(talked.calls("explain")) == 1


def test_a_varied_answer_is_explained_as_it_was_given(talked: ScriptedPage) -> None:
    talked.locator("#settings-button").click()
    talked.locator("#settings-answers").select_option("varied")
    talked.locator("#settings-close").click()
    talked.ask("And what else?")
    talked.until_running("ask")
    talked.script("finish", "a circle.")
    talked.locator(".answer").last.get_by_role("button", name="What it looked at").click()
    talked.until_running("explain")
    asked, explained_as = talked.calls("ask")[-1]["sampling"], talked.calls("explain")[-1]["sampling"]
    assert explained_as == asked
    assert isinstance(asked["seed"], int)
    talked.script("finishExplaining", OWN)
    expect(talked.locator(".looked-word")).to_have_count(3)
