// Sentences about the page as a whole, each until it is closed: what is not kept, what was restarted, a new version.

import { element } from "./dom.js";
import { t } from "../../i18n/strings.js";

export class Notices {
  #root;
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} sentence
   * @param {object} [options]
   * @param {string} [options.key]  a later notice of the same key takes the place of this one; default: the sentence
   * @param {string} [options.label]  of a button beside it
   * @param {() => void} [options.action]  what that button does
   */
  show(sentence, { key = sentence, label, action } = {}) {
    const buttons = [button(t("notice.close"), () => this.close(key))];
    if (label && action) buttons.unshift(button(label, action));
    const notice = element(
      "div",
      { className: "notice" },
      element("span", { textContent: sentence }),
      element("div", { className: "row" }, ...buttons),
    );
    this.close(key);
    this.#shown.set(key, notice);
    this.#root.append(notice);
  }

  /** @param {string} key */
  close(key) {
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }
}

/** @param {string} textContent @param {() => void} onclick */
function button(textContent, onclick) {
  return element("button", { type: "button", className: "quiet", textContent, onclick });
}
