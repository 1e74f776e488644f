"""A tab with the page in it, used as a person would: pictures brought, questions asked, conversations begun."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

LONGEST_MS = 120_000
QUESTIONS = (
    "What color is the shape?",
    "What shape is in the image?",
    "Describe the image.",
    "How many shapes are there?",
    "Is there a circle?",
)
_ASK = """(question) => new Promise((resolve) => {
  const answers = () => [...document.querySelectorAll(".message.answer")];
  const before = answers().length;
  const box = document.querySelector("#question");
  box.value = question;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  const began = performance.now();
  const look = () => {
    const last = answers()[before];
    if (!last || last.dataset.state === "streaming") return;
    observer.disconnect();
    resolve([last.dataset.state, last.querySelector(".text").textContent, performance.now() - began]);
  };
  const observer = new MutationObserver(look);
  const changes = { subtree: true, childList: true, attributeFilter: ["data-state"] };
  observer.observe(document.querySelector("#chat"), changes);
  document.querySelector("#ask-form").requestSubmit();
})"""


@dataclass(frozen=True)
class Answered:
    """How a question ended."""

    state: str
    """done, stopped or error, as the page has it."""
    text: str
    ms: float


class Tab:
    """One page of the site."""

    def __init__(self, page: Page, url: str) -> None:
        """Take over a page that has not been opened."""
        self.page, self.url = page, url
        page.set_default_timeout(LONGEST_MS)

    def open(self) -> None:
        """Go to the page, and wait until the whole model is there."""
        self.page.goto(self.url)
        self.until_whole()

    def until_whole(self) -> None:
        """Wait until answers have full quality."""
        self.page.wait_for_function("() => window.tinyvlm")
        self.page.evaluate("() => window.tinyvlm.whole.then(() => true)")

    def bring(self, name: str, data: bytes) -> None:
        """Bring a picture, which is asked about from then on."""
        self.page.set_input_files("#file-input", {"name": name, "mimeType": "image/png", "buffer": data})
        self.page.wait_for_function("(name) => document.querySelector('#image-name').textContent === name", arg=name)

    def turn_to(self, index: int) -> None:
        """Ask about another picture of the conversation; the first one is 0."""
        chosen = self.page.locator(".tray-image").nth(index)
        chosen.click()
        self.page.wait_for_function(
            "(index) => document.querySelectorAll('.tray-image')[index].ariaPressed === 'true'", arg=index
        )

    def ask(self, question: str) -> Answered:
        """Ask, and wait for the end of the answer."""
        return Answered(*self.page.evaluate(_ASK, question))

    def begin(self) -> None:
        """Begin another conversation."""
        self.page.click("#history-button")
        self.page.click("#history-new")
        self.page.wait_for_function("() => !document.querySelector('.message')")
        if self.page.locator("#history-dialog").is_visible():
            self.page.click("#history-close")
