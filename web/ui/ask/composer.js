// Where a question is written: the box, Send or Stop, the suggested questions and a line of hints.

import { byId, element } from "../common/dom.js";

export class Composer {
  #question = byId("question", HTMLTextAreaElement);
  #send = byId("send", HTMLButtonElement);
  #stop = byId("stop", HTMLButtonElement);
  #hint = byId("hint");
  #suggestions = byId("suggestions");
  #onAsk;

  /** @param {{onAsk: (question: string) => void, onStop: () => void}} handlers */
  constructor({ onAsk, onStop }) {
    this.#onAsk = onAsk;
    byId("ask-form").addEventListener("submit", (event) => {
      event.preventDefault();
      onAsk(this.#question.value);
    });
    this.#question.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || isComposing(event)) return;
      event.preventDefault();
      onAsk(this.#question.value);
    });
    this.#question.addEventListener("input", () => {
      this.hint("");
      this.#fitHeight();
    });
    this.#stop.addEventListener("click", (event) => {
      // The second click of a double click on Send lands here.
      if (event.detail > 1) return;
      onStop();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !isComposing(event) && !isForDialog(event)) onStop();
    });
  }

  /** @param {string} placeholder */
  setPlaceholder(placeholder) {
    this.#question.placeholder = placeholder;
  }

  /** @param {string} sentence  "" for none */
  hint(sentence) {
    this.#hint.textContent = sentence;
  }

  /** Takes a question that is asked out of the box, if it stands there. @param {string} question */
  take(question) {
    if (this.#question.value.trim() === question) this.#question.value = "";
    this.#fitHeight();
  }

  /** Puts a question that got no answer back, unless the next one is being written. @param {string} question */
  giveBack(question) {
    if (!this.#question.value.trim()) this.#question.value = question;
    this.#fitHeight();
  }

  focus() {
    this.#question.focus();
  }

  /** @param {boolean} answering */
  setAnswering(answering) {
    const hadFocus = [this.#send, this.#stop].some((button) => button === document.activeElement);
    this.#send.hidden = answering;
    this.#stop.hidden = !answering;
    for (const chip of this.#suggestions.querySelectorAll("button")) chip.disabled = answering;
    if (hadFocus) this.#question.focus();
  }

  /** @param {readonly string[]} questions */
  setSuggestions(questions) {
    this.#suggestions.replaceChildren(
      ...questions.map((question) =>
        element("button", {
          type: "button",
          className: "chip",
          dir: "auto",
          textContent: question,
          disabled: this.#send.hidden,
          onclick: () => this.#onAsk(question),
        }),
      ),
    );
  }

  #fitHeight() {
    const { style } = this.#question;
    style.height = "auto";
    const borders = this.#question.offsetHeight - this.#question.clientHeight;
    style.height = `${this.#question.scrollHeight + borders}px`;
  }
}

/**
 * Whether a key is for the composition of a word (Japanese, Chinese, Korean): Enter accepts it, Escape gives it up.
 * Safari ends the composition before it tells of that key, and marks the key by its code alone.
 * https://bugs.webkit.org/show_bug.cgi?id=165004
 * @param {KeyboardEvent} event
 */
function isComposing({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}

/** Whether a key closes a dialog; in some browsers it has by the time that the page is told. @param {KeyboardEvent} event */
function isForDialog({ target }) {
  const isInside = target instanceof Element && target.closest("dialog") !== null;
  return isInside || document.querySelector("dialog[open]") !== null;
}
