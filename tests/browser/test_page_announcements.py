"""What is said aloud while an answer streams: a listener that keeps to WAI-ARIA's rules of live regions hears it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from scripted_page import ScriptedPage

QUESTION = "What is in the image?"
SENTENCES = ["There is a red circle on the left.", " It is large.", " Nothing else can be seen."]

# What a screen reader says, in order: what comes into a live region, or the whole region where it is atomic (status and
# alert are); nothing of what is busy before it no longer is, and then all of that; nothing that is hidden or inert.
LISTEN = """() => {
  window.heard = [];
  const LIVE = "[aria-live], [role=log], [role=status], [role=alert]";
  const regionOf = (node) => {
    const region = node.closest(LIVE);
    return region?.getAttribute("aria-live") === "off" ? null : region;
  };
  const isAtomic = (region) => region.matches("[role=status], [role=alert], [aria-atomic=true]");
  const changed = ({ type, target, addedNodes, attributeName }) => {
    if (type === "childList") return [...addedNodes].map((node) => (node instanceof Element ? node : target));
    if (type === "characterData") return [target.parentElement];
    return attributeName === "aria-busy" && target.ariaBusy !== "true" ? [target] : [];
  };
  const say = (records) => {
    const nodes = new Set();
    for (const node of records.flatMap(changed)) {
      const region = node?.isConnected && regionOf(node);
      if (!region || node.closest("[aria-busy=true], [aria-hidden=true]") || !node.checkVisibility()) continue;
      nodes.add(isAtomic(region) ? region : node);
    }
    for (const node of nodes) {
      const isPart = [...nodes].some((other) => other !== node && other.contains(node));
      const text = node.innerText.replace(/\\s+/g, " ").trim();
      if (!isPart && text) window.heard.push(text);
    }
  };
  new MutationObserver(say).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["aria-busy"],
  });
}"""


def heard(page: ScriptedPage) -> list[str]:
    """What has been said since the last time."""
    # Once more through the queue of tasks: observers have been told by then.
    said: list[str] = page.page.evaluate("() => new Promise((done) => setTimeout(() => done(window.heard.splice(0))))")
    return said


def listened(page: ScriptedPage) -> ScriptedPage:
    """Begin to listen, and ask."""
    page.page.evaluate(LISTEN)
    page.ask(QUESTION)
    page.until_running("ask")
    return page


def stream(page: ScriptedPage, text: str) -> None:
    """Have the answer come word by word."""
    for word in text.split(" "):
        page.script("token", f"{word} ")


def said_of(texts: list[str], words: str) -> list[str]:
    return [text for text in texts if words in text]


def test_a_streamed_answer_is_said_once_and_whole(talked: ScriptedPage) -> None:
    answer = "".join(SENTENCES)
    listened(talked)
    assert len(said_of(heard(talked), QUESTION)) == 1
    stream(talked, answer)
    expect(talked.locator(".answer .text").last).to_have_text(answer)
    assert heard(talked) == [], "no word by itself"
    talked.script("finish", answer)
    expect(talked.locator(".answer").last).to_have_attribute("data-state", "done")
    after = heard(talked)
    assert len(said_of(after, SENTENCES[0])) == 1
    assert len(said_of(after, answer)) == 1
    assert said_of(after, QUESTION) == []
    talked.ask("And now?")
    talked.until_running("ask")
    assert said_of(heard(talked), SENTENCES[0]) == [], "it is not said again"


def test_an_answer_that_is_stopped_is_said_with_that(talked: ScriptedPage) -> None:
    listened(talked)
    stream(talked, "There is a")
    heard(talked)
    talked.locator("#stop").click()
    expect(talked.locator(".answer").last).to_have_attribute("data-state", "stopped")
    after: Any = heard(talked)
    assert len(said_of(after, "There is a")) == 1
    assert len(said_of(after, "Stopped")) == 1


def test_an_error_is_said(talked: ScriptedPage) -> None:
    listened(talked)
    heard(talked)
    talked.script("failRequest", "question-too-long", "It is too long.")
    expect(talked.locator(".answer").last).to_have_attribute("data-state", "error")
    assert len(said_of(heard(talked), "too long")) == 1
