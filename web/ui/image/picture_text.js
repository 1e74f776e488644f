// The text in the picture: read it, see it, copy it. reading_tools.js has it come when it is first wanted.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { copyText } from "../common/clipboard.js";
import { byId } from "../common/dom.js";
import { formatShare } from "../common/format.js";
import { settledOrAborted } from "../common/promises.js";
import { say } from "../common/say.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { answerLines } from "./answer_lines.js";
import { ReadingLayer } from "./reading_layer.js";

/** @import { Phase, Progress, Reading } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Said } from "../common/say.js" */
/** @import { AskedImage } from "./asked_image.js" */

/** @typedef {"idle"|"waiting"|"reading"|"failed"} ReadingState  waiting: for the reader, which is still on its way */

export class PictureText {
  #read = byId("read-text");
  #toggle = byId("show-text");
  #copyAll = byId("copy-text");
  #message = byId("reading-message");
  #details = byId("found-text", HTMLDetailsElement);
  #words = byId("found-words");
  #layer = new ReadingLayer(byId("picture"));
  #vlm;
  #asked;
  /** @type {ReadingState} */
  #state = "idle";
  /** Of the picture that is shown. @type {Reading|null} */
  #reading = null;
  /** Ends the reading that is going on. @type {AbortController|null} */
  #running = null;

  /** @param {TinyVLM} vlm @param {AskedImage} asked */
  constructor(vlm, asked) {
    this.#vlm = vlm;
    this.#asked = asked;
    asked.addEventListener("choice", () => this.#clear());
    vlm.addEventListener("progress", (event) => {
      this.#sayProgress(/** @type {CustomEvent<Progress>} */ (event).detail);
    });
    this.#toggle.addEventListener("click", () => {
      this.#layer.isShown = !this.#layer.isShown;
      this.#show();
    });
    this.#copyAll.addEventListener("click", () => this.#copy());
    this.#show();
  }

  /** Ends a reading that is going on, or waits for the reader. */
  stop() {
    if (!this.#running) return;
    this.#running.abort();
    this.#running = null;
    this.#enter("idle");
  }

  /** Shows where an answer was read. @param {Reading} reading @param {string} question @param {string} answer */
  showAnswer(reading, question, answer) {
    this.stop();
    this.#take(reading, answerLines(reading, question, answer));
  }

  /** @returns {Promise<void>} */
  async readPicture() {
    const { chosen } = this.#asked;
    if (!chosen || this.#running) return;
    const running = new AbortController();
    const { signal } = running;
    this.#running = running;
    this.#enter("waiting");
    try {
      await settledOrAborted(this.#vlm.canRead, signal); // before its turn: questions need not wait with it
      signal.throwIfAborted();
      this.#enter("reading");
      const onPhase = (/** @type {Phase} */ phase) => {
        if (this.#running === running) this.#enter(phase === "waiting-for-reader" ? "waiting" : "reading");
      };
      this.#take(await this.#vlm.read(chosen.blob, { signal, onPhase }));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TinyVLMError)) throw error;
      this.#enter("failed", () => errorSentence(error));
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  /** @param {Reading} reading @param {ReadonlySet<number>} [marked] */
  #take(reading, marked) {
    const { text, lines } = reading;
    const hadFocus = document.activeElement === this.#read;
    this.#reading = reading;
    if (lines.length) this.#layer.show(reading, marked);
    this.#words.textContent = text;
    const count = lines.length;
    this.#enter("idle", count ? () => t("reading.found", { count }) : "reading.none");
    if (hadFocus && lines.length) this.#toggle.focus(); // the button is gone
  }

  #clear() {
    this.stop();
    this.#reading = null;
    this.#layer.clear();
    this.#details.open = false;
    this.#enter("idle");
  }

  /** Where it cannot be copied, the text is there to be copied by hand. */
  async #copy() {
    const reading = this.#reading;
    if (!reading) return;
    const isCopied = await copyText(reading.text, () => {
      if (this.#reading === reading) this.#details.open = true;
      return this.#words;
    });
    if (this.#reading === reading) say(this.#message, isCopied ? "reading.copied" : "reading.selected");
  }

  /** @param {Progress} progress */
  #sayProgress({ step, loaded, total, done }) {
    if (step !== "reader" || this.#state !== "waiting" || done || !total) return;
    say(this.#read, "reading.waiting-share", { share: () => formatShare(loaded / total) });
  }

  /** @param {ReadingState} state @param {Said|null} [said] */
  #enter(state, said = null) {
    const isBusy = state === "waiting" || state === "reading";
    this.#state = state;
    this.#read.ariaDisabled = String(isBusy); // and not `disabled`, which would take the focus from it
    say(this.#message, isBusy ? `reading.${state}` : said);
    this.#message.classList.toggle("visually-hidden", isBusy); // the button shows it
    this.#show();
  }

  #show() {
    const hasText = Boolean(this.#reading?.lines.length);
    byId("reading-tools").hidden = !this.#asked.chosen;
    say(this.#read, `reading.${this.#state}`);
    this.#read.hidden = hasText;
    say(this.#toggle, this.#layer.isShown ? "reading.hide" : "reading.show");
    for (const node of [this.#toggle, this.#copyAll, this.#details]) node.hidden = !hasText;
  }
}
