// Sentences about the page as a whole, each until it is closed: what is not kept, what was restarted, a new version.

import { button } from "./button.js";
import { element } from "./dom.js";
import { say } from "./say.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Said } from "./say.js" */

export class Notices {
  #root;
  /** @type {Map<string, HTMLElement>} */
  #shown = new Map();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * @param {string} key  a later notice of the same key takes the place of this one
   * @param {Said} said
   * @param {{label: PlainKey, onclick: () => void}} [action]  a button beside it
   */
  show(key, said, action) {
    const buttons = [button("notice.close", () => this.close(key))];
    if (action) buttons.unshift(button(action.label, action.onclick));
    const notice = element(
      "div",
      { className: "notice" },
      say(element("span"), said),
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
