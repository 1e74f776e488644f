// Asking: from a question in the box to its answer in the log. One answer at a time; nothing the person wrote is lost.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { t } from "../../i18n/strings.js";

export class Conversation {
  #vlm;
  #chat;
  #composer;
  #image = null;
  #running = null;
  #isReady = false;
  #isWhole = false;
  #needsImage = true;
  #sees = true;
  #profile;
  #onAnswered;

  /**
   * @param {import("../../tinyvlm.js").TinyVLM} vlm
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

  /** What is asked about; null until there is one. @returns {Blob|null} */
  get image() {
    return this.#image;
  }

  /** Says whether a question is answered now or has to wait. @param {boolean} isReady */
  setReady(isReady) {
    this.#isReady = isReady;
    if (this.#running) this.#running.answer.say(this.#waitingSentence());
  }

  /** Whether answers have the model's full quality; others are marked as drafts. @param {boolean} isWhole */
  setWhole(isWhole) {
    this.#isWhole = isWhole;
    if (!isWhole) this.#chat.withdrawOffer();
    else if (!this.#running) this.#offerToAskAgain();
  }

  /** @param {import("../../engine/shared/protocol.js").ModelCard} card */
  setModel({ needs_image: needsImage, sees }) {
    this.#needsImage = needsImage;
    this.#sees = sees;
  }

  /** Another model, of which nothing is known yet, starts a new conversation about the same image. */
  changeModel() {
    this.#restart();
    this.#needsImage = false;
  }

  /** A new image starts a new conversation. @param {Blob} image */
  start(image) {
    this.#restart();
    this.#image = image;
  }

  #restart() {
    const running = this.#running;
    this.stop();
    this.#chat.clear();
    this.#composer.hint("");
    if (running && !running.hasBegun) this.#composer.giveBack(running.question);
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
      this.#composer.focus();
      return this.#composer.hint(t("question.no-image"));
    }
    this.#composer.hint("");
    this.#composer.clear();
    this.#chat.withdrawOffer();
    const answer = this.#chat.add(asked);
    const running = { question: asked, controller: new AbortController(), answer, hasBegun: false };
    this.#running = running;
    this.#composer.setAnswering(true);
    answer.say(this.#waitingSentence());
    try {
      await this.#answer(running);
    } catch (error) {
      this.#showFailure(running, error);
    }
    if (this.#running !== running) return;
    this.#running = null;
    this.#composer.setAnswering(false);
    this.#offerToAskAgain();
    this.#onAnswered();
  }

  async #answer(running) {
    const { question, controller, answer } = running;
    await settledOrAborted(this.#vlm.ready, controller.signal); // only then is it known whether the model sees
    controller.signal.throwIfAborted();
    await this.#vlm.ask(this.#sees ? this.#image : null, question, {
      profile: this.#profile(),
      signal: controller.signal,
      onPhase: (phase) => answer.say(t(`answer.${phase}`)),
      onToken: (text) => {
        if (!running.hasBegun) answer.markDraft(!this.#isWhole);
        running.hasBegun = true;
        answer.append(text);
      },
    });
    answer.finish(this.#vlm.lastAnswer);
  }

  #waitingSentence() {
    return this.#isReady ? t("answer.answering") : t("answer.waiting-for-model");
  }

  #offerToAskAgain() {
    if (this.#isWhole) this.#chat.offerToAskAgain((question) => this.ask(question));
  }

  #showFailure({ controller, answer, question }, error) {
    if (controller.signal.aborted) {
      answer.stop();
      return;
    }
    if (!(error instanceof TinyVLMError)) throw error;
    answer.fail(error.message);
    this.#composer.giveBack(question);
    this.#composer.focus();
  }
}

/** Waits for a promise, but no longer than until the signal. What it rejects with is left to those who come after. */
function settledOrAborted(promise, signal) {
  return new Promise((resolve) => {
    promise.then(resolve, resolve);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
