// Asking: from a question in the box to its answer in the log. One answer at a time; nothing the person wrote is lost.

import { TinyVLMError } from "../engine/protocol.js";
import { t } from "./strings.js";

export class Conversation {
  #vlm;
  #chat;
  #composer;
  #image = null;
  #running = null;
  #isReady = false;
  #needsImage = true;
  #sees = true;
  #profile;
  #onAnswered;

  /**
   * @param {import("../tinyvlm.js").TinyVLM} vlm
   * @param {import("./chat.js").ChatLog} chat
   * @param {import("./composer.js").Composer} composer
   * @param {() => "fast"|"balanced"|"accuracy"} profile  how closely to look at the next image
   * @param {() => void} onAnswered  after every complete answer
   */
  constructor(vlm, chat, composer, profile, onAnswered) {
    this.#profile = profile;
    this.#vlm = vlm;
    this.#chat = chat;
    this.#composer = composer;
    this.#onAnswered = onAnswered;
  }

  /** Says whether a question is answered now or has to wait. @param {boolean} isReady */
  setReady(isReady) {
    this.#isReady = isReady;
    if (this.#running) this.#running.answer.say(isReady ? t("answer.answering") : t("answer.waiting-for-model"));
  }

  /** @param {import("../engine/protocol.js").ModelCard} card */
  setModel({ needs_image: needsImage, sees }) {
    this.#needsImage = needsImage;
    this.#sees = sees;
  }

  /** Another model starts a new conversation about the same image. */
  restart() {
    this.stop();
    this.#chat.clear();
    this.#composer.hint("");
  }

  /** A new image starts a new conversation. @param {Blob} image */
  start(image) {
    this.restart();
    this.#image = image;
  }

  stop() {
    this.#running?.controller.abort();
  }

  /** @param {string} question */
  async ask(question) {
    const asked = question.trim();
    if (this.#running) return this.#composer.hint(t("question.busy"));
    if (!asked) return this.#composer.hint(t("question.empty"));
    if (!this.#image && this.#needsImage) {
      this.#composer.giveBack(asked);
      return this.#composer.hint(t("question.no-image"));
    }
    this.#composer.hint("");
    this.#composer.clear();
    const running = { controller: new AbortController(), answer: this.#chat.add(asked) };
    this.#running = running;
    this.#composer.setAnswering(true);
    running.answer.say(this.#isReady ? t("answer.answering") : t("answer.waiting-for-model"));
    try {
      await this.#vlm.ask(this.#sees ? this.#image : null, asked, {
        profile: this.#profile(),
        signal: running.controller.signal,
        onStage: (stage) => running.answer.say(t(`answer.${stage}`)),
        onToken: (text) => running.answer.append(text),
      });
      running.answer.finish(this.#vlm.lastAnswer);
    } catch (error) {
      this.#showFailure(running, asked, error);
    }
    if (this.#running !== running) return;
    this.#running = null;
    this.#composer.setAnswering(false);
    this.#onAnswered();
  }

  #showFailure({ controller, answer }, asked, error) {
    if (controller.signal.aborted) {
      answer.stop();
      return;
    }
    if (!(error instanceof TinyVLMError)) throw error;
    answer.fail(error.message);
    this.#composer.giveBack(asked);
  }
}
