// Asking: from a question in the box to its answer in the log. One answer at a time; nothing the person wrote is lost.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { settledOrAborted } from "../common/promises.js";
import { errorSentence } from "../../i18n/strings.js";
import { answerLanguage } from "./suggestions.js";

/** @import { ModelCard, Profile } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { AskedImage } from "../image/asked_image.js" */
/** @import { AnswerBubble, ChatLog } from "./chat.js" */
/** @import { Composer } from "./composer.js" */

/**
 * @typedef {object} Running  the question that is being answered, or waits for the model
 * @property {string} question
 * @property {AnswerBubble} answer
 * @property {AbortController} controller
 * @property {boolean} hasBegun  a word of the answer is there
 */

export class Conversation {
  #vlm;
  #chat;
  #composer;
  #asked;
  /** @type {Running|null} */
  #running = null;
  /** The question that waits for the image that it is about: the latest counts. @type {string|null} */
  #held = null;
  #isReady = false;
  #isWhole = false;
  #needsImage = true;
  #sees = true;
  #language = "";
  #how;
  #onAnswered;

  /**
   * @param {TinyVLM} vlm
   * @param {ChatLog} chat
   * @param {Composer} composer
   * @param {AskedImage} asked
   * @param {() => {profile: Profile, with_text: boolean}} how  the next question is asked
   * @param {(question: string, answer: TinyVLM["lastAnswer"]) => void} onAnswered  null: there was none, or not all of it
   */
  constructor(vlm, chat, composer, asked, how, onAnswered) {
    this.#asked = asked;
    this.#how = how;
    this.#vlm = vlm;
    this.#chat = chat;
    this.#composer = composer;
    this.#onAnswered = onAnswered;
    asked.addEventListener("choice", () => this.restart());
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

  /** @param {ModelCard} card */
  setModel(card) {
    this.#needsImage = card.needs_image;
    this.#sees = card.sees;
    this.#language = answerLanguage(card);
  }

  /** Another model, of which nothing is known yet, starts a new conversation about the same image. */
  changeModel() {
    this.restart();
    this.#needsImage = false;
  }

  /** A new image starts a new conversation, too. */
  restart() {
    const running = this.#running;
    this.stop();
    this.#chat.clear();
    this.#composer.hint(null);
    if (running && !running.hasBegun) this.#composer.giveBack(running.question);
  }

  stop() {
    this.#running?.controller.abort();
  }

  /** @param {string} question @returns {Promise<void>} */
  async ask(question) {
    const asked = question.trim();
    if (this.#running) return this.#composer.hint("question.busy");
    if (!asked) return this.#composer.hint("question.empty");
    if (this.#asked.isChoosing) return this.#askOnceChosen(asked);
    if (!this.#asked.chosen && this.#needsImage) {
      this.#composer.giveBack(asked);
      this.#composer.focus();
      return this.#composer.hint("question.no-image");
    }
    this.#composer.hint(null);
    this.#composer.take(asked);
    this.#chat.withdrawOffer();
    const answer = this.#chat.add(asked, this.#language);
    const running = { question: asked, answer, controller: new AbortController(), hasBegun: false };
    this.#running = running;
    this.#composer.setAnswering(true);
    answer.say(this.#waitingSentence());
    let answered = null;
    try {
      answered = await this.#answer(running);
    } catch (error) {
      this.#showFailure(running, error);
    }
    if (this.#running !== running) return;
    this.#running = null;
    this.#composer.setAnswering(false);
    this.#offerToAskAgain();
    this.#onAnswered(asked, answered);
  }

  /**
   * The image is still being opened. Where it cannot be used, the question is not for the one before it.
   * @param {string} question
   */
  async #askOnceChosen(question) {
    const isFirst = this.#held === null;
    this.#held = question;
    if (!isFirst) return;
    const { chosen } = this.#asked;
    await this.#asked.settled();
    const held = this.#held;
    this.#held = null;
    if (this.#asked.chosen !== chosen) return this.ask(held);
    this.#composer.giveBack(held);
    this.#composer.focus();
  }

  /** @param {Running} running */
  async #answer(running) {
    const { question, controller, answer } = running;
    await settledOrAborted(this.#vlm.ready, controller.signal); // only then is it known whether the model sees
    controller.signal.throwIfAborted();
    const how = this.#how();
    const image = this.#sees || how.with_text ? this.#asked.chosen : null;
    await this.#vlm.ask(image?.blob ?? null, question, {
      ...how,
      signal: controller.signal,
      onPhase: (phase) => answer.say(`answer.${phase}`),
      onToken: (text) => {
        if (!running.hasBegun) answer.markDraft(!this.#isWhole);
        running.hasBegun = true;
        answer.append(text);
      },
    });
    const { lastAnswer } = this.#vlm;
    if (lastAnswer) answer.finish(lastAnswer);
    return lastAnswer;
  }

  #waitingSentence() {
    return this.#isReady ? "answer.answering" : "answer.waiting-for-model";
  }

  #offerToAskAgain() {
    if (this.#isWhole) this.#chat.offerToAskAgain((question) => this.ask(question));
  }

  /** @param {Running} running @param {unknown} error */
  #showFailure({ controller, answer, question }, error) {
    if (controller.signal.aborted) {
      answer.stop();
      return;
    }
    if (!(error instanceof TinyVLMError)) throw error;
    answer.fail(() => errorSentence(error));
    this.#composer.giveBack(question);
    this.#composer.focus();
  }
}
