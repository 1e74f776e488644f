// Where a question is written: the box, Send or Stop, the suggested questions and a line of hints.

import { byId, element } from "../common/dom.js";
import { say, sayPlaceholder, sayTitle } from "../common/say.js";
import { language, t } from "../../i18n/strings.js";
import { meaningOf } from "./suggestions.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Said } from "../common/say.js" */

export class Composer {
  #question = byId("question", HTMLTextAreaElement);
  #send = byId("send", HTMLButtonElement);
  #stop = byId("stop", HTMLButtonElement);
  #hint = byId("hint");
  #suggestions = byId("suggestions");
  #onAsk;

  /**
   * @param {object} handlers
   * @param {(question: string) => void} handlers.onAsk
   * @param {() => void} handlers.onWrite  the text has changed
   * @param {() => void} handlers.onStop
   */
  constructor({ onAsk, onWrite, onStop }) {
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
      this.hint(null);
      this.#fitHeight();
      onWrite();
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

  /** @param {PlainKey} placeholder */
  setPlaceholder(placeholder) {
    sayPlaceholder(this.#question, placeholder);
  }

  /** Whether questions have to be in English, which is said where the page is not. @param {boolean} isEnglishOnly */
  setEnglishOnly(isEnglishOnly) {
    const isSaid = () => isEnglishOnly && language() !== "en";
    say(byId("english-only"), () => (isSaid() ? t("composer.english-only") : ""));
  }

  /** @param {Said|null} said */
  hint(said) {
    say(this.#hint, said);
  }

  /** Takes a question that is asked out of the box, if it stands there. @param {string} question */
  take(question) {
    if (this.#question.value.trim() === question) this.#question.value = "";
    this.#fitHeight();
  }

  get text() {
    return this.#question.value;
  }

  /** Puts a text into the box, in the place of what is there. @param {string} text */
  replace(text) {
    this.#question.value = text;
    this.#fitHeight();
    if (text) this.#question.focus();
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
    // A suggestion that was chosen by a key cannot keep the focus; after a tap no keyboard is to come up.
    const hadFocus =
      this.#suggestions.querySelector(":focus-visible") !== null ||
      [this.#send, this.#stop].some((button) => button === document.activeElement);
    this.#send.hidden = answering;
    this.#stop.hidden = !answering;
    for (const chip of this.#suggestions.querySelectorAll("button")) chip.disabled = answering;
    if (hadFocus) this.#question.focus();
  }

  /** @param {readonly string[]} questions  in English; what they mean is said in the language of the page */
  setSuggestions(questions) {
    this.#suggestions.replaceChildren(...questions.map((question) => this.#chip(question)));
  }

  /** @param {string} question */
  #chip(question) {
    const words = element("span", { dir: "auto", lang: "en", textContent: question });
    const onclick = () => this.#onAsk(question);
    const chip = element("button", { type: "button", className: "chip", disabled: this.#send.hidden, onclick }, words);
    return sayTitle(chip, () => meaningOf(question));
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
