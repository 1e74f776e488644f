// The conversation as it is seen: question and answer bubbles.

import { element } from "../common/dom.js";
import { Follower } from "./follower.js";
import { formatFacts, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Said } from "../common/say.js" */

/**
 * @typedef {"chat.empty-text"|"chat.empty-text-only"} Invitation
 * @typedef {NonNullable<TinyVLM["lastAnswer"]>} Answer
 */

export class ChatLog {
  #root;
  #follower;
  /** @type {Invitation} */
  #invitation = "chat.empty-text";
  /** @type {AnswerBubble[]} */
  #answers = [];

  /** @param {HTMLElement} root @param {HTMLElement} composer  below it */
  constructor(root, composer) {
    this.#root = root;
    this.#follower = new Follower(root, composer);
    this.clear();
  }

  /** What an empty log says. @param {Invitation} key */
  invite(key) {
    this.#invitation = key;
    const line = this.#root.querySelector(".chat-empty p:last-child");
    if (line) say(line, key);
  }

  clear() {
    this.#answers = [];
    this.#follower.end();
    this.#root.replaceChildren(
      element(
        "div",
        { className: "chat-empty" },
        say(element("p", { className: "chat-empty-title" }), "chat.empty-title"),
        say(element("p"), this.#invitation),
      ),
    );
  }

  get hasMessages() {
    return this.#answers.length > 0;
  }

  /**
   * @param {string} question
   * @param {string} language  that answers are in, as HTML's `lang` has it; "" where that is not known
   * @returns {AnswerBubble}
   */
  add(question, language) {
    this.#root.querySelector(".chat-empty")?.remove();
    const asked = element(
      "div",
      { className: "message question" },
      say(element("span", { className: "visually-hidden" }), "chat.question"),
      element("p", { className: "text", dir: "auto", lang: "", textContent: question }),
    );
    const answer = new AnswerBubble(question, language, () => this.#follower.follow());
    this.#answers.push(answer);
    this.#root.append(asked, answer.root);
    this.#follower.begin();
    return answer;
  }

  /** Puts a button under the last draft, once. @param {(question: string) => void} onAsk */
  offerToAskAgain(onAsk) {
    this.withdrawOffer();
    const draft = this.#answers.findLast((answer) => answer.isDraft);
    draft?.offerToAskAgain(() => {
      this.#root.focus({ preventScroll: true }); // the button goes
      onAsk(draft.question);
    });
  }

  withdrawOffer() {
    for (const answer of this.#answers) answer.withdrawOffer();
  }
}

export class AnswerBubble {
  #text = element("p", { className: "text", dir: "auto" });
  #activity = element("p", { className: "activity" });
  #meta = element("p", { className: "meta" });
  #draft = element(
    "p",
    { className: "draft", hidden: true },
    say(element("strong", { className: "badge" }), "draft.mark"),
    " ",
    say(element("span"), "draft.explanation"),
  );
  /** @type {HTMLButtonElement|null} */
  #offer = null;
  #wasAskedAgain = false;
  #onChange;

  /** @param {string} question @param {string} language @param {() => void} onChange  the bubble may have grown */
  constructor(question, language, onChange) {
    this.question = question;
    this.#onChange = onChange;
    this.#text.lang = language;
    const speaker = say(element("span", { className: "visually-hidden" }), "chat.answer");
    this.root = element("div", { className: "message answer", ariaBusy: "true" }, speaker);
    this.root.append(this.#text, this.#activity, this.#draft, this.#meta);
    this.root.dataset.state = "streaming";
  }

  /** Whether it was answered before the whole model was there. */
  get isDraft() {
    return !this.#draft.hidden;
  }

  /** @param {boolean} isDraft */
  markDraft(isDraft) {
    this.#draft.hidden = !isDraft;
    this.#onChange();
  }

  /** @param {() => void} onAgain */
  offerToAskAgain(onAgain) {
    if (this.#wasAskedAgain || this.root.dataset.state !== "done") return;
    const onclick = () => {
      this.#wasAskedAgain = true;
      this.withdrawOffer();
      onAgain();
    };
    const offer = say(element("button", { type: "button", className: "quiet again", onclick }), "draft.again");
    this.#offer = offer;
    this.root.append(offer);
    this.#onChange();
  }

  withdrawOffer() {
    this.#offer?.remove();
    this.#offer = null;
  }

  /** What happens until the first word comes. @param {Said} said */
  say(said) {
    say(this.#activity, said);
    this.#onChange();
  }

  /** @param {string} piece */
  append(piece) {
    say(this.#activity, null);
    this.#text.append(piece);
    this.#onChange();
  }

  /** @param {Answer} answer */
  finish(answer) {
    this.#text.textContent = answer.text.trim();
    // Words of the image, or a sentence in the language of the question.
    if (answer.reading || answer.unserved) this.#text.lang = "";
    this.markDraft(answer.draft);
    this.#end("done", this.#text.textContent ? null : "answer.empty", () => factsOf(answer));
  }

  stop() {
    if (this.#text.textContent) this.#end("stopped", null, "answer.stopped");
    else this.#end("stopped", "answer.stopped-early", null);
  }

  /** @param {Said} said */
  fail(said) {
    this.#end("error", said, this.#text.textContent ? null : "answer.error");
  }

  /** @param {"done"|"stopped"|"error"} state @param {Said|null} said @param {Said|null} meta */
  #end(state, said, meta) {
    this.root.dataset.state = state;
    this.root.ariaBusy = "false";
    say(this.#activity, said);
    say(this.#meta, meta);
    this.#onChange();
  }
}

/** How an answer came about, in a line. @param {Answer} answer */
function factsOf(answer) {
  const { first_token_ms: first, total_ms: total, tokens } = answer;
  return formatFacts([
    t("meta.first-token", { time: formatTime(first) }),
    t("meta.total", { time: formatTime(total) }),
    tokens && t("meta.tokens", { count: tokens }), // a sentence in place of an answer is none of the model's words
    answer.read ? t("meta.read") : answer.reading && t("meta.told"),
    answer.reused_image && t("meta.reused"),
    answer.finish_reason === "length" && t("meta.length"),
    answer.dropped_turns > 0 && t("meta.dropped"),
  ]);
}
