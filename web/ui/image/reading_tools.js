// The button that has the text in the picture read; what reads it and shows it comes when that is first wanted.

import { asTinyVLMError } from "../../engine/shared/errors.js";
import { byId } from "../common/dom.js";
import { OnDemand } from "../common/on_demand.js";
import { say } from "../common/say.js";
import { errorSentence } from "../../i18n/strings.js";

/** @import { Reading } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { AskedImage } from "./asked_image.js" */
/** @import { PictureText } from "./picture_text.js" */

export class ReadingTools {
  #asked;
  #text;
  /** What it comes for: the latest counts. @type {object|null} */
  #wish = null;

  /** @param {TinyVLM} vlm @param {AskedImage} asked */
  constructor(vlm, asked) {
    this.#asked = asked;
    this.#text = new OnDemand({
      load: () => import("./picture_text.js"),
      make: ({ PictureText }) => new PictureText(vlm, asked),
      styles: ["styles/reading.css"],
    });
    const tools = byId("reading-tools");
    asked.addEventListener("choice", () => {
      tools.hidden = !asked.chosen;
    });
    byId("read-text").addEventListener("click", () => void this.#want((text) => void text.readPicture()));
  }

  /** Ends a reading that is going on, or waits for the reader. */
  stop() {
    this.#wish = null;
    this.#text.here?.stop();
  }

  /** Shows where an answer was read. @param {Reading} reading @param {string} question @param {string} answer */
  showAnswer(reading, question, answer) {
    void this.#want((text) => text.showAnswer(reading, question, answer));
  }

  /** Of the picture that is asked about now. @param {(text: PictureText) => void} use */
  async #want(use) {
    const wish = (this.#wish = {});
    const { chosen } = this.#asked;
    const isStill = () => this.#wish === wish && this.#asked.chosen === chosen;
    const { here } = this.#text;
    if (here) return use(here);
    try {
      const text = await this.#text.get();
      if (isStill()) use(text);
    } catch (error) {
      const told = asTinyVLMError(error);
      if (isStill()) say(byId("reading-message"), () => errorSentence(told));
    }
  }
}
