// On a phone, where the image is far above the conversation: it stays in sight, small, over the answers.

import { byId } from "../common/dom.js";
import { say, sayTitle } from "../common/say.js";
import { holdURL, letURLGo } from "./picture_url.js";

/** @import { AskedImage, ChosenImage } from "./asked_image.js" */

export class AskedStrip {
  #root = byId("asked-strip");
  #picture = byId("strip-image", HTMLImageElement);
  #asked;
  /** That is in it. @type {Blob|null} */
  #shown = null;
  #isAbove = false;

  /** @param {AskedImage} asked @param {(image: ChosenImage) => void} onOpen */
  constructor(asked, onOpen) {
    this.#asked = asked;
    sayTitle(this.#root, "view.open");
    this.#root.addEventListener("click", () => asked.chosen && onOpen(asked.chosen));
    asked.addEventListener("choice", () => this.#change());
    new IntersectionObserver((changes) => {
      const now = changes[changes.length - 1]; // a busy page is told of several at once
      this.#isAbove = !now.isIntersecting && now.boundingClientRect.bottom <= 0;
      this.#show();
    }).observe(byId("picture"));
  }

  #change() {
    const { chosen } = this.#asked;
    const before = this.#shown;
    this.#shown = chosen && chosen.preview;
    if (chosen) {
      this.#picture.src = holdURL(chosen.preview);
      say(byId("strip-name"), chosen.name);
    }
    if (before) letURLGo(before); // not sooner: it may be the same one
    this.#show();
  }

  #show() {
    this.#root.hidden = !this.#isAbove || this.#asked.chosen === null;
  }
}
