// What is still loading, in real bytes, and what can be done already: a card until questions can be asked, a slim line
// while the answers are drafts, and what to do when loading fails.

import { LOAD_STEPS } from "../../engine/shared/protocol.js";
import { element } from "../common/dom.js";
import { say } from "../common/say.js";
import { ProgressRow } from "./progress_row.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Progress } from "../../engine/shared/protocol.js" */
/** @import { Said } from "../common/say.js" */
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

  /** Starts from nothing. @param {HTMLElement|null} [controls]  to stop what loads */
  show(controls) {
    this.#rows = new Map(LOAD_STEPS.map((step) => [step, new ProgressRow(`progress.${step}`)]));
    const list = element("ul", {});
    for (const [step, row] of this.#rows) {
      row.root.dataset.step = step;
      list.append(row.root);
    }
    this.#sayWhatCanBeDone();
    this.#fill("card", heading("progress.heading"), this.#sentence, list, ...(controls ? [controls] : []));
  }

  /** Questions are answered already, in draft quality: a line for what is still to come. */
  showRefining() {
    const row = this.#rows.get("model");
    const list = element("ul", {}, ...(row ? [row.root] : []));
    say(this.#sentence, "progress.draft");
    this.#fill("line", heading("progress.refining"), this.#sentence, list);
  }

  hide() {
    this.#root.hidden = true;
  }

  /** @param {Progress} progress */
  update(progress) {
    this.#rows.get(progress.step)?.update(progress);
  }

  /**
   * @param {Said} said
   * @param {() => void} retry
   * @param {{label: Said, action: () => void}} [instead]  what is better than to try the same again
   * @param {HTMLElement|null} [back]  the button that gives up
   */
  fail(said, retry, instead, back) {
    this.#showFailure("progress.failed-heading", said, instead?.action ?? retry, instead?.label, back);
  }

  /** The rest of a model that answers already cannot be had. @param {Said} said @param {() => void} retry */
  failRefining(said, retry) {
    this.#showFailure("progress.failed-refining", said, retry);
  }

  /**
   * @param {PlainKey} title
   * @param {Said} said
   * @param {() => void} onclick
   * @param {Said} [label]
   * @param {HTMLElement|null} [back]
   */
  #showFailure(title, said, onclick, label = "progress.retry", back = null) {
    this.#fill(
      "failed",
      heading(title),
      say(element("p", { role: "alert" }), said),
      say(element("button", { type: "button", className: "quiet", onclick }), label),
      ...(back ? [back] : []),
    );
  }

  #sayWhatCanBeDone() {
    if (this.#root.dataset.mode === "line") return;
    const { state, canSee } = this.#asked;
    /** @type {Record<typeof state, PlainKey>} */
    const sentences = {
      none: canSee ? "progress.vision" : "progress.text",
      waiting: "progress.image-waiting",
      looking: "progress.looking",
      seen: "progress.seen",
    };
    say(this.#sentence, sentences[state]);
  }

  /** @param {"card"|"line"|"failed"} mode @param {...Node} children */
  #fill(mode, ...children) {
    this.#root.dataset.mode = mode;
    this.#root.replaceChildren(...children);
    this.#root.hidden = false;
  }
}

/** @param {PlainKey} title */
function heading(title) {
  return say(element("h2", { id: "progress-heading" }), title);
}
