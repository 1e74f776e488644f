// An answer as it is seen: while it is written, at its end, and on another day.

import { keptError } from "../../engine/shared/errors.js";
import { button } from "../common/button.js";
import { copyText } from "../common/clipboard.js";
import { element } from "../common/dom.js";
import { say } from "../common/say.js";
import { errorSentence } from "../../i18n/strings.js";
import { sayFacts } from "./facts.js";

/** @import { Said } from "../common/say.js" */
/** @import { SeenMessage } from "../history/views.js" */
/** @import { Facts } from "./facts.js" */

/**
 * @typedef {SeenMessage["answer"]} KeptAnswer
 *
 * @typedef {object} BubbleActions
 * @property {() => void} onChange  the bubble may have grown
 * @property {() => void} onAgain
 * @property {((bubble: AnswerBubble) => Promise<void>)|null} onExplain  asks where the model looked; null: it saw nothing
 * @property {(() => void)|null} onBetter  shows a model that answers better about photos; null: this one need not
 */

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
  #actions = element("div", { className: "actions", hidden: true });
  /** @type {HTMLElement|null} */
  #attached = null;
  #onChange;
  /** @type {Partial<Facts>} */
  #facts = {};

  /** @param {string} question @param {string} language @param {BubbleActions} actions */
  constructor(question, language, { onChange, onAgain, onExplain, onBetter }) {
    this.question = question;
    this.#onChange = onChange;
    this.#text.lang = language;
    const speaker = say(element("span", { className: "visually-hidden" }), "chat.answer");
    this.root = element("div", { className: "message answer", ariaBusy: "true" }, speaker);
    this.root.append(this.#text, this.#activity, this.#draft, this.#meta, this.#actions);
    this.root.dataset.state = "streaming";
    const copy = button("chat.copy", () => void this.#copy(copy), "action");
    this.#actions.append(copy, button("chat.again", onAgain, "action"));
    if (onExplain) this.#actions.append(this.#explainButton(onExplain));
    if (onBetter) this.#actions.append(button("models.better", onBetter, "action"));
  }

  /** @param {(bubble: AnswerBubble) => Promise<void>} onExplain */
  #explainButton(onExplain) {
    let isAsked = false;
    const explain = async () => {
      if (isAsked) return;
      isAsked = true;
      await onExplain(this).finally(() => (isAsked = false));
    };
    return button("chat.explain", explain, "action");
  }

  /** @param {HTMLButtonElement} copy */
  async #copy(copy) {
    const isCopied = await copyText(this.#text.textContent, () => this.#text);
    say(copy, isCopied ? "chat.copied" : "chat.selected");
  }

  /** How it came about, once it is there. */
  get facts() {
    return this.#facts;
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

  /** Shows something below the answer, in the place of what was there. @param {HTMLElement|null} node */
  attach(node) {
    this.#attached?.remove();
    this.#attached = node;
    if (node) this.root.append(node);
    this.#onChange();
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

  /** @param {string} text @param {Partial<Facts>} facts */
  finish(text, facts) {
    this.#facts = facts;
    this.#text.textContent = text;
    if (!facts.english) this.#text.lang = "";
    this.markDraft(facts.draft ?? false);
    this.#end("done", text ? null : "answer.empty", () => sayFacts(facts));
  }

  /** An answer of another day. @param {KeptAnswer} answer */
  restore({ text, state, error, facts }) {
    if (state === "done") return this.finish(text, facts ?? {});
    this.#text.textContent = text;
    if (state === "stopped") this.stop();
    else if (state === "failed" && error) void this.#failAgain(error);
    else this.#end("stopped", text ? null : "answer.interrupted-early", text ? "answer.interrupted" : null);
  }

  /** @param {NonNullable<KeptAnswer["error"]>} error */
  async #failAgain(error) {
    this.fail(null); // until its sentence is here
    const told = await keptError(error);
    this.fail(() => errorSentence(told));
  }

  stop() {
    if (this.#text.textContent) this.#end("stopped", null, "answer.stopped");
    else this.#end("stopped", "answer.stopped-early", null);
  }

  /** @param {Said|null} said */
  fail(said) {
    this.#end("error", said, this.#text.textContent ? null : "answer.error");
  }

  /** @param {"done"|"stopped"|"error"} state @param {Said|null} said @param {Said|null} meta */
  #end(state, said, meta) {
    this.root.dataset.state = state;
    this.root.ariaBusy = "false";
    say(this.#activity, said);
    say(this.#meta, meta);
    this.#actions.hidden = false;
    this.#actions.firstElementChild?.toggleAttribute("hidden", !this.#text.textContent);
    this.#onChange();
  }
}
