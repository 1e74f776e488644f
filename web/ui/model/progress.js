// What is still loading, in real bytes, and what can be done already: a card until questions can be asked, a slim line
// while the answers are drafts, and what to do when loading fails.

import { LOAD_STEPS } from "../../engine/shared/protocol.js";
import { element } from "../common/dom.js";
import { ProgressRow } from "./progress_row.js";
import { t } from "../../i18n/strings.js";

/** @import { Progress } from "../../engine/shared/protocol.js" */
/** @import { AskedImage } from "../image/asked_image.js" */

export class ProgressCard {
  #root;
  /** @type {Map<Progress["step"], ProgressRow>} */
  #rows = new Map();
  #sentence = element("p", { className: "can-do", role: "status" });
  #asked;

  /**
   * @param {HTMLElement} root
   * @param {AskedImage} asked
   */
  constructor(root, asked) {
    this.#root = root;
    this.#asked = asked;
    asked.addEventListener("state", () => this.#sayWhatCanBeDone());
  }

  /** Starts from nothing. */
  show() {
    this.#rows = new Map(LOAD_STEPS.map((step) => [step, new ProgressRow(t(`progress.${step}`))]));
    const list = element("ul", {});
    for (const [step, row] of this.#rows) {
      row.root.dataset.step = step;
      list.append(row.root);
    }
    this.#sayWhatCanBeDone();
    this.#fill("card", heading(t("progress.heading")), this.#sentence, list);
  }

  /** Questions are answered already, in draft quality: a line for what is still to come. */
  showRefining() {
    const row = this.#rows.get("model");
    const list = element("ul", {}, ...(row ? [row.root] : []));
    this.#sentence.textContent = t("progress.draft");
    this.#fill("line", heading(t("progress.refining")), this.#sentence, list);
  }

  hide() {
    this.#root.hidden = true;
  }

  /** @param {Progress} progress */
  update(progress) {
    this.#rows.get(progress.step)?.update(progress);
  }

  /**
   * @param {string} sentence
   * @param {() => void} retry
   * @param {{label: string, action: () => void}} [instead]  what is better than to try the same again
   */
  fail(sentence, retry, instead) {
    this.#showFailure(t("progress.failed-heading"), sentence, instead?.action ?? retry, instead?.label);
  }

  /** The rest of a model that answers already cannot be had. @param {string} sentence @param {() => void} retry */
  failRefining(sentence, retry) {
    this.#showFailure(t("progress.failed-refining"), sentence, retry);
  }

  /** @param {string} title @param {string} sentence @param {() => void} onclick @param {string} [label] */
  #showFailure(title, sentence, onclick, label = t("progress.retry")) {
    this.#fill(
      "failed",
      heading(title),
      element("p", { textContent: sentence, role: "alert" }),
      element("button", { type: "button", className: "quiet", textContent: label, onclick }),
    );
  }

  #sayWhatCanBeDone() {
    if (this.#root.dataset.mode === "line") return;
    const { state, canSee } = this.#asked;
    const sentence = {
      none: canSee ? t("progress.vision") : t("progress.text"),
      waiting: t("progress.image-waiting"),
      looking: t("progress.looking"),
      seen: t("progress.seen"),
    }[state];
    if (this.#sentence.textContent !== sentence) this.#sentence.textContent = sentence; // once to a screen reader
  }

  /** @param {"card"|"line"|"failed"} mode @param {...Node} children */
  #fill(mode, ...children) {
    this.#root.dataset.mode = mode;
    this.#root.replaceChildren(...children);
    this.#root.hidden = false;
  }
}

/** @param {string} textContent */
function heading(textContent) {
  return element("h2", { id: "progress-heading", textContent });
}
