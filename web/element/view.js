// What the element shows: the image, a question, the answer, how far loading is. It knows nothing of engines.

import { styleSheet } from "./style.js";
import { wordsFor } from "./words.js";

/** @import { Progress } from "../engine/shared/protocol.js" */

/**
 * @typedef {object} ViewHandlers
 * @property {(question: string) => void} onAsk
 * @property {() => void} onStop
 * @property {(file: File) => void} onImage  chosen, dropped or pasted, where the page has named none
 */

export class View {
  #handlers;
  #words;
  #percent;
  #slot = document.createElement("slot");
  #image = part("img", "image");
  #choose = part("button", "choose button");
  #file = document.createElement("input");
  #label = part("label", "label");
  #question = part("input", "question");
  #ask = part("button", "ask button");
  #stop = part("button", "stop button");
  #progress = document.createElement("div");
  #bar = part("progress", "progress");
  #progressText = part("span", "progress-text");
  #answer = part("p", "answer");
  #note = part("p", "note");
  #error = part("p", "error");
  /** Read aloud: whole sentences, once each; the answer that grows is not. */
  #spoken = document.createElement("div");
  #address = "";
  #alt = "";
  #takesImages = true;

  /** @param {ShadowRoot} root @param {ViewHandlers} handlers */
  constructor(root, handlers) {
    this.#handlers = handlers;
    const { locale, words } = wordsFor(root.host);
    this.#words = words;
    this.#percent = new Intl.NumberFormat(locale, { style: "percent" });
    root.adoptedStyleSheets = [styleSheet()];
    this.#write();
    root.replaceChildren(this.#frame(locale));
    this.#listen(root);
  }

  get question() {
    return this.#question.value;
  }

  set question(text) {
    this.#question.value = text;
  }

  /** @param {string} alt */
  describe(alt) {
    this.#alt = alt;
    this.#image.alt = alt || this.#words.image;
  }

  /** @param {boolean} takesImages  whether the person may bring one */
  setTakesImages(takesImages) {
    this.#takesImages = takesImages;
    this.#choose.hidden = !takesImages;
  }

  /** What the page had put into the element stays until there is an image. @param {Blob|null} image */
  showImage(image) {
    URL.revokeObjectURL(this.#address);
    this.#address = image ? URL.createObjectURL(image) : "";
    this.#image.hidden = !image;
    this.#slot.hidden = image !== null;
    if (image) this.#image.src = this.#address;
    else this.#image.removeAttribute("src");
  }

  clearAnswer() {
    for (const element of [this.#answer, this.#note, this.#error]) {
      element.textContent = "";
      element.hidden = true;
    }
  }

  showLoading() {
    this.#bar.removeAttribute("value");
    this.#progressText.textContent = this.#words.loading;
    this.#progress.hidden = false;
    this.#speak(this.#words.loading);
  }

  /** @param {Progress} progress */
  showProgress({ step, loaded, total }) {
    if (step !== "model" || !total) return; // the rest is short
    this.#bar.value = loaded / total;
    this.#progressText.textContent = `${this.#words.loading} ${this.#percent.format(Math.floor((100 * loaded) / total) / 100)}`;
  }

  hideProgress() {
    this.#progress.hidden = true;
  }

  beginAnswer() {
    this.clearAnswer();
    this.#answer.hidden = false;
    this.#answer.setAttribute("aria-busy", "true");
    this.#ask.hidden = true;
    this.#stop.hidden = false;
    this.#speak(this.#words.answering);
  }

  /** @param {string} text  so far */
  showAnswer(text) {
    this.#answer.textContent = text;
  }

  /** @param {string} text @param {boolean} isDraft */
  endAnswer(text, isDraft) {
    this.#answer.textContent = text;
    this.#note.textContent = isDraft ? this.#words.draft : "";
    this.#note.hidden = !isDraft;
    this.#speak(isDraft ? `${text} ${this.#words.draft}` : text);
  }

  stopAnswer() {
    this.#note.textContent = this.#words.stopped;
    this.#note.hidden = false;
    this.#speak(this.#words.stopped);
  }

  /** Nothing runs any more; the question can be asked again, where the focus was on what has gone. */
  rest() {
    const hadFocus = this.#stop.matches(":focus");
    this.#answer.removeAttribute("aria-busy");
    this.#stop.hidden = true;
    this.#ask.hidden = false;
    if (hadFocus) this.#ask.focus();
  }

  /** @param {string} sentence */
  showError(sentence) {
    this.#error.textContent = sentence;
    this.#error.hidden = false;
    this.#speak(sentence);
  }

  /** @param {string} text */
  #speak(text) {
    this.#spoken.textContent = text;
  }

  #write() {
    const words = this.#words;
    this.#choose.textContent = words.choose;
    this.#label.textContent = words.question;
    this.#ask.textContent = words.ask;
    this.#stop.textContent = words.stop;
    this.#bar.ariaLabel = words.loading;
    this.describe(this.#alt);
  }

  /** @param {string} locale */
  #frame(locale) {
    const frame = document.createElement("div");
    frame.className = "frame";
    frame.lang = locale;
    this.#image.hidden = true;
    this.#file.type = "file";
    this.#file.accept = "image/*";
    this.#file.hidden = true;
    this.#choose.type = "button";
    this.#stop.type = "button";
    this.#stop.hidden = true;
    this.#progress.className = "progress";
    this.#progress.hidden = true;
    this.#progress.append(this.#bar, this.#progressText);
    this.#answer.dir = "auto";
    this.#answer.lang = "en"; // what the bundled model writes
    this.#spoken.className = "spoken";
    this.#spoken.role = "status";
    this.clearAnswer();
    const shown = [this.#progress, this.#answer, this.#note, this.#error, this.#spoken];
    frame.append(this.#slot, this.#image, this.#file, this.#choose, this.#form(), ...shown);
    return frame;
  }

  #form() {
    const form = part("form", "form");
    const field = document.createElement("div");
    field.className = "field";
    this.#question.id = "question";
    this.#question.autocomplete = "off";
    this.#question.enterKeyHint = "send";
    this.#question.dir = "auto";
    this.#label.htmlFor = "question";
    field.append(this.#label, this.#question);
    form.append(field, this.#ask, this.#stop);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#handlers.onAsk(this.#question.value);
    });
    return form;
  }

  /** @param {ShadowRoot} root */
  #listen(root) {
    this.#stop.addEventListener("click", () => this.#handlers.onStop());
    this.#choose.addEventListener("click", () => this.#file.click());
    this.#file.addEventListener("change", () => this.#take(this.#file.files));
    this.#question.addEventListener("paste", (event) => this.#take(event.clipboardData?.files, event));
    root.addEventListener("keydown", (event) => {
      const { key, isComposing } = /** @type {KeyboardEvent} */ (event);
      if (key === "Escape" && !isComposing && !this.#stop.hidden) this.#handlers.onStop();
    });
    root.addEventListener("dragover", (event) => {
      if (this.#takesImages) event.preventDefault();
    });
    root.addEventListener("drop", (event) => {
      this.#take(/** @type {DragEvent} */ (event).dataTransfer?.files, event);
    });
  }

  /** @param {FileList|null|undefined} files @param {Event} [event]  whose own effect gives way to a file */
  #take(files, event) {
    if (!this.#takesImages || !files?.length) return;
    event?.preventDefault();
    this.#handlers.onImage(files[0]);
    this.#file.value = ""; // or else the same file could not be chosen again
  }
}

/**
 * An element that a page can style by `::part()`.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} name
 */
function part(tag, name) {
  const element = document.createElement(tag);
  element.setAttribute("part", name);
  return element;
}
