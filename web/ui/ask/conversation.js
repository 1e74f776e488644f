// Asking: from a question in the box to its answer in the log. One answer at a time; nothing the person wrote is lost.

import { asTinyVLMError, TinyVLMError } from "../../engine/shared/errors.js";
import { element } from "../common/dom.js";
import { OnDemand } from "../common/on_demand.js";
import { settledOrAborted, withinMs } from "../common/promises.js";
import { say } from "../common/say.js";
import { errorSentence } from "../../i18n/strings.js";
import { factsOf, samplingOf } from "./facts.js";
import { answerLanguage } from "./suggestions.js";

/** @import { ModelCard, Profile, SamplingOptions } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { AskedImage, ChosenImage } from "../image/asked_image.js" */
/** @import { AnswerWriter } from "../history/answer_writer.js" */
/** @import { AnswerBubble } from "./answer_bubble.js" */
/** @import { ChatLog } from "./chat.js" */
/** @import { Composer } from "./composer.js" */
/** @import { Opened, Session, SessionImage } from "./session.js" */

/** How long a finished answer waits for the disk, which takes some milliseconds where nothing is wrong with it. */
const PATIENCE_MS = 1000;

/**
 * @typedef {object} Running  the question that is being answered, or waits for the model
 * @property {string} question
 * @property {ChosenImage|null} chosen  what it is about
 * @property {AnswerBubble} answer
 * @property {AbortController} controller
 * @property {Promise<AnswerWriter|null>} writer  null: it cannot be kept
 * @property {string} text  of the answer, as far as it is there
 *
 * @typedef {object} ConversationParts
 * @property {TinyVLM} vlm
 * @property {ChatLog} chat
 * @property {Composer} composer
 * @property {AskedImage} asked
 * @property {Session} session
 * @property {() => SamplingOptions & {profile: Profile, with_text: boolean}} how  the next question is asked
 * @property {(question: string, answer: TinyVLM["lastAnswer"]) => void} onAnswered  null: there was none, or not all of it
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
  /** Its name. */
  #model = "";
  /** @type {AbortController|null} */
  #explaining = null;
  #looked;
  #session;
  #how;
  #onAnswered;

  /** @param {ConversationParts} parts */
  constructor({ vlm, chat, composer, asked, session, how, onAnswered }) {
    this.#asked = asked;
    this.#how = how;
    this.#vlm = vlm;
    this.#chat = chat;
    this.#composer = composer;
    this.#session = session;
    this.#onAnswered = onAnswered;
    this.#looked = new OnDemand({
      load: () => import("./looked_at.js"),
      make: ({ LookedAt }) => new LookedAt(asked),
      styles: ["styles/dialogs.css", "styles/looked.css"],
    });
    session.addEventListener("opened", (event) => {
      this.#show(/** @type {CustomEvent<Opened>} */ (event).detail);
    });
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
    this.#model = card.name;
  }

  /** Another model, of which nothing is known yet, goes on with the same conversation. */
  changeModel() {
    this.stop();
    this.#needsImage = false;
  }

  stop() {
    this.#running?.controller.abort();
    this.#explaining?.abort();
  }

  /** Puts a question that was asked before into the box again, about the image that it was about. @param {string} question @param {string|null} image */
  async edit(question, image) {
    this.#composer.replace(question);
    if (image) await this.turnTo(image);
  }

  /** @param {string} question @param {string|null} image @returns {Promise<void>} */
  async askAgain(question, image) {
    if (this.#running) return this.#composer.hint("question.busy");
    if (image && !(await this.turnTo(image))) return this.#composer.hint("question.image-gone");
    return this.ask(question);
  }

  /**
   * Shows where the model looked for each word of an answer: it is asked once more.
   * @param {string} question
   * @param {string} image
   * @param {AnswerBubble} bubble
   * @returns {Promise<void>}
   */
  async explain(question, image, bubble) {
    if (this.#running) return this.#composer.hint("question.busy");
    if (!(await this.turnTo(image))) return this.#composer.hint("question.image-gone");
    const { chosen } = this.#asked;
    if (!chosen) return;
    const asked = { profile: this.#how().profile, ...samplingOf(bubble.facts) };
    this.#explaining?.abort();
    const { signal } = (this.#explaining = new AbortController());
    bubble.attach(say(element("p", { className: "soft", role: "status" }), "looked.waiting"));
    try {
      const looked = await this.#looked.get();
      const explanation = await this.#vlm.explain(chosen.blob, question, { ...asked, signal });
      bubble.attach(looked.explained(explanation, chosen));
    } catch (error) {
      if (signal.aborted) return bubble.attach(null);
      const told = asTinyVLMError(error);
      bubble.attach(say(element("p", { className: "soft", role: "status" }), () => errorSentence(told)));
    }
  }

  /** Asks about an image of this conversation from now on. @param {string} id @returns {Promise<boolean>} whether that can be */
  async turnTo(id) {
    const { chosen } = this.#asked;
    if (chosen && this.#session.take(chosen).id === id) return true;
    const outcome = await this.#asked.offer(this.#session.offered(id));
    return Boolean(outcome?.taken);
  }

  /** Keeps what is half written. */
  keepDraft() {
    const { chosen } = this.#asked;
    void this.#session.keepDraft(this.#composer.text, chosen && this.#session.take(chosen));
  }

  /** Another conversation is on the screen. @param {Opened} opened */
  #show({ messages, draft }) {
    this.stop();
    this.#running = null;
    this.#composer.setAnswering(false);
    this.#composer.hint(null);
    this.#asked.clear(); // before anything is said of the images of this one
    this.#chat.clear();
    for (const { question, image, answer } of messages) {
      const about = this.#session.images.find(({ id }) => id === image) ?? null;
      this.#chat.add(question, about, answer.facts?.english ? "en" : "").restore(answer);
    }
    if (messages.length) this.#chat.follow();
    this.#composer.replace(draft?.text ?? "");
    const last = draft?.image ?? messages.at(-1)?.image ?? this.#session.images.at(-1)?.id;
    if (last) void this.turnTo(last);
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
    const { chosen } = this.#asked;
    const image = chosen && this.#session.take(chosen);
    const answer = this.#chat.add(asked, image, this.#language);
    this.#chat.follow();
    const writer = this.#keep(asked, image);
    const running = { question: asked, chosen, answer, controller: new AbortController(), writer, text: "" };
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
    /** @type {AnswerWriter|null} */
    let writer = null; // no answer waits for the disk
    void running.writer.then((kept) => {
      writer = kept;
      if (running.text) kept?.write(running.text); // which came before there was a place for it
    });
    const how = seeded(this.#how());
    const image = this.#sees || how.with_text ? running.chosen : null;
    await this.#vlm.ask(image?.blob ?? null, question, {
      ...how,
      signal: controller.signal,
      onPhase: (phase) => answer.say(`answer.${phase}`),
      onToken: (text) => {
        if (!running.text) answer.markDraft(!this.#isWhole);
        running.text += text;
        answer.append(text);
        writer?.write(running.text);
      },
    });
    const { lastAnswer } = this.#vlm;
    if (lastAnswer) {
      const model = this.#model; // asked for while it loaded, the question is under the name of the one before
      const text = lastAnswer.text.trim();
      const facts = factsOf(lastAnswer, this.#language === "en", how);
      const kept = running.writer.then((writer) => writer?.finish({ text, facts: { ...facts }, model }));
      await withinMs(PATIENCE_MS, kept); // what is shown as finished is not lost, whatever happens to this tab
      answer.finish(text, facts);
    }
    return lastAnswer;
  }

  /** Keeps a question, before anything slow begins. @param {string} question @param {SessionImage|null} image */
  #keep(question, image) {
    const { profile } = this.#how();
    return this.#session.ask(question, { image, model: this.#model, profile }).catch(() => null);
  }

  #waitingSentence() {
    return this.#isReady ? "answer.answering" : "answer.waiting-for-model";
  }

  #offerToAskAgain() {
    if (this.#isWhole) this.#chat.offerToAskAgain((question) => this.ask(question));
  }

  /** @param {Running} running @param {unknown} error */
  #showFailure({ controller, answer, question, writer }, error) {
    if (controller.signal.aborted) {
      answer.stop();
      void writer.then((kept) => kept?.stop());
      return;
    }
    if (!(error instanceof TinyVLMError)) throw error;
    answer.fail(() => errorSentence(error));
    void writer.then((kept) => kept?.fail(error));
    this.#composer.giveBack(question);
    this.#composer.focus();
  }
}

/** Varied answers by a seed, with which each can be had again. @template {SamplingOptions} How @param {How} how @returns {How} */
function seeded(how) {
  return how.temperature ? { ...how, seed: crypto.getRandomValues(new Uint32Array(1))[0] } : how;
}
