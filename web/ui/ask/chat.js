// The conversation as it is seen: question and answer bubbles.

import { element } from "../common/dom.js";
import { Follower } from "./follower.js";
import { formatTime } from "../common/format.js";
import { t } from "../../i18n/strings.js";

/** @import { TinyVLM } from "../../tinyvlm.js" */

/** @typedef {"chat.empty-text"|"chat.empty-text-only"} Invitation */

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
    if (line) line.textContent = t(key);
  }

  clear() {
    this.#answers = [];
    this.#follower.end();
    this.#root.replaceChildren(
      element(
        "div",
        { className: "chat-empty" },
        element("p", { className: "chat-empty-title", textContent: t("chat.empty-title") }),
        element("p", { textContent: t(this.#invitation) }),
      ),
    );
  }

  get hasMessages() {
    return this.#answers.length > 0;
  }

  /** @param {string} question @returns {AnswerBubble} */
  add(question) {
    this.#root.querySelector(".chat-empty")?.remove();
    const asked = element(
      "div",
      { className: "message question" },
      element("span", { className: "visually-hidden", textContent: `${t("chat.question")}: ` }),
      element("p", { className: "text", dir: "auto", textContent: question }),
    );
    const answer = new AnswerBubble(question, () => this.#follower.follow());
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
    element("strong", { className: "badge", textContent: t("draft.mark") }),
    ` ${t("draft.explanation")}`,
  );
  /** @type {HTMLButtonElement|null} */
  #offer = null;
  #wasAskedAgain = false;
  #onChange;

  /** @param {string} question @param {() => void} onChange  the bubble may have grown */
  constructor(question, onChange) {
    this.question = question;
    this.#onChange = onChange;
    const speaker = element("span", { className: "visually-hidden", textContent: `${t("chat.answer")}: ` });
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
    const offer = element("button", {
      type: "button",
      className: "quiet again",
      textContent: t("draft.again"),
      onclick,
    });
    this.#offer = offer;
    this.root.append(offer);
    this.#onChange();
  }

  withdrawOffer() {
    this.#offer?.remove();
    this.#offer = null;
  }

  /** What happens until the first word comes. @param {string} sentence */
  say(sentence) {
    this.#activity.textContent = sentence;
    this.#onChange();
  }

  /** @param {string} piece */
  append(piece) {
    this.#activity.textContent = "";
    this.#text.append(piece);
    this.#onChange();
  }

  /** @param {NonNullable<TinyVLM["lastAnswer"]>} answer */
  finish(answer) {
    this.#text.textContent = answer.text.trim();
    this.markDraft(answer.draft);
    const { tokens } = answer;
    const meta = [
      t("meta.first-token", { time: formatTime(answer.first_token_ms) }),
      t("meta.total", { time: formatTime(answer.total_ms) }),
    ];
    // A sentence in place of an answer is none of the model's words.
    if (tokens) meta.push(tokens === 1 ? t("meta.one-token") : t("meta.tokens", { count: tokens }));
    if (answer.read) meta.push(t("meta.read"));
    else if (answer.reading) meta.push(t("meta.told"));
    if (answer.reused_image) meta.push(t("meta.reused"));
    if (answer.finish_reason === "length") meta.push(t("meta.length"));
    if (answer.dropped_turns) meta.push(t("meta.dropped"));
    this.#end("done", this.#text.textContent ? "" : t("answer.empty"), meta.join(" · "));
  }

  stop() {
    if (this.#text.textContent) this.#end("stopped", "", t("answer.stopped"));
    else this.#end("stopped", t("answer.stopped-early"), "");
  }

  /** @param {string} sentence */
  fail(sentence) {
    this.#end("error", sentence, this.#text.textContent ? "" : t("answer.error"));
  }

  /** @param {"done"|"stopped"|"error"} state @param {string} sentence @param {string} meta */
  #end(state, sentence, meta) {
    this.root.dataset.state = state;
    this.root.ariaBusy = "false";
    this.#activity.textContent = sentence;
    this.#meta.textContent = meta;
    this.#onChange();
  }
}
