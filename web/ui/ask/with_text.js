// The box below the question: whether a model that was made for conversations is told what the image says, too.

import { byId } from "../common/dom.js";
import { say } from "../common/say.js";

/** @import { ModelCard } from "../../engine/shared/protocol.js" */

/** It keeps its tick from model to model, for as long as the page is open. */
export class WithText {
  #line = byId("with-text-line");
  #box = byId("with-text", HTMLInputElement);
  /** Null while a model loads. @type {ModelCard|null} */
  #card = null;
  #canRead = false;

  /** @param {() => void} onChange  it was ticked, or no more */
  constructor(onChange) {
    this.#box.addEventListener("change", onChange);
  }

  /** Whether the next question is asked so. The engine waits for the reader, and says where there is none. */
  get isWanted() {
    return this.#box.checked && this.#isOffered;
  }

  /** @param {ModelCard|null} card */
  setModel(card) {
    this.#card = card;
    if (card) say(byId("with-text-label"), card.sees ? "with-text.sees" : "with-text.reads");
    this.#show();
  }

  /** @param {boolean} canRead  the text reader is there */
  setCanRead(canRead) {
    this.#canRead = canRead;
    this.#show();
  }

  /** To models that were made for conversations; the bundled one has text read by itself. */
  get #isOffered() {
    return this.#card?.remembers === true;
  }

  /** One that is ticked is seen without a reader, too: it can be taken back. */
  #show() {
    this.#line.hidden = !this.#isOffered || (!this.#canRead && !this.#box.checked);
  }
}
