// The conversation as it is seen: question and answer bubbles.

import { button } from "../common/button.js";
import { element } from "../common/dom.js";
import { Follower } from "./follower.js";
import { say, sayAlt, sayLabel } from "../common/say.js";
import { holdURL, letURLGo } from "../image/picture_url.js";
import { AnswerBubble } from "./answer_bubble.js";

/** @import { SessionImage } from "./session.js" */

/**
 * @typedef {"chat.empty-text"|"chat.empty-text-only"} Invitation
 *
 * @typedef {object} ChatActions
 * @property {(question: string, image: string|null) => void} onAgain  asks once more
 * @property {(question: string, image: string|null) => void} onEdit  puts a question back into the box
 * @property {(image: string) => Promise<void>} onImage  shows an image large, and asks about it from now on
 * @property {(question: string, image: string, bubble: AnswerBubble) => Promise<void>} onExplain
 * @property {() => (() => void)|null} onBetter  shows a model that answers better about photos; null: this one does
 */

export class ChatLog {
  #root;
  #follower;
  /** @type {Invitation} */
  #invitation = "chat.empty-text";
  /** @type {AnswerBubble[]} */
  #answers = [];
  /** The image of the last question: one that is shown above it is not shown again. @type {string|null} */
  #image = null;
  #actions;

  /** @param {HTMLElement} root @param {HTMLElement} composer  below it @param {ChatActions} actions */
  constructor(root, composer, actions) {
    this.#root = root;
    this.#actions = actions;
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
    this.#image = null;
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

  /** Null: nothing was asked in this conversation. */
  get lastQuestion() {
    return this.#answers.at(-1)?.question ?? null;
  }

  /**
   * @param {string} question
   * @param {SessionImage|null} image  that it is about
   * @param {string} language  that answers are in, as HTML's `lang` has it; "" where that is not known
   * @returns {AnswerBubble}
   */
  add(question, image, language) {
    this.#root.querySelector(".chat-empty")?.remove();
    const id = image?.id ?? null;
    const { onAgain, onEdit, onExplain, onBetter } = this.#actions;
    const asked = element(
      "div",
      { className: "message question" },
      say(element("span", { className: "visually-hidden" }), "chat.question"),
      element("p", { className: "text", dir: "auto", lang: "", textContent: question }),
    );
    if (image && id !== this.#image) asked.prepend(this.#picture(image));
    this.#image = id;
    const edit = button("chat.edit", () => onEdit(question, id), "action");
    const answer = new AnswerBubble(question, language, {
      onChange: () => this.#follower.follow(),
      onAgain: () => onAgain(question, id),
      onExplain: id === null ? null : (bubble) => onExplain(question, id, bubble),
      onBetter: id === null ? null : onBetter(),
    });
    this.#answers.push(answer);
    this.#root.append(asked, element("div", { className: "actions of-question" }, edit), answer.root);
    return answer;
  }

  /** The person has just asked: what follows is looked at as it comes. */
  follow() {
    this.#follower.begin();
  }

  /** @param {SessionImage} image */
  #picture({ id, name, picture }) {
    const thumbnail = sayAlt(element("img", { className: "asked-picture", draggable: false }), name);
    if (picture) {
      thumbnail.onload = thumbnail.onerror = () => letURLGo(picture);
      thumbnail.src = holdURL(picture);
    }
    const onclick = () => void this.#actions.onImage(id);
    return sayLabel(element("button", { type: "button", className: "picture-button", onclick }, thumbnail), name);
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
