// The list of keyboard shortcuts.

import { byId, element } from "../common/dom.js";
import { say } from "../common/say.js";

/** @import { PlainKey } from "../../i18n/strings.js" */

/** Each as it stands on the keys, and what it does. @type {readonly [keys: string[], does: PlainKey][]} */
const SHORTCUTS = Object.freeze([
  [["Enter"], "shortcuts.ask"],
  [["Shift + Enter"], "shortcuts.line"],
  [["↑"], "shortcuts.last"],
  [["Esc"], "shortcuts.stop"],
  [["Ctrl + V", "⌘ V"], "shortcuts.paste"],
  [["+", "−", "0"], "shortcuts.zoom"],
  [["←", "↑", "→", "↓"], "shortcuts.move"],
  [["←", "→"], "shortcuts.words"],
  [["?"], "shortcuts.help"],
]);

export class ShortcutList {
  #dialog = byId("shortcuts-dialog", HTMLDialogElement);

  constructor() {
    byId("shortcuts-list").replaceChildren(...SHORTCUTS.map(([keys, does]) => row(keys, does)));
    byId("shortcuts-close").addEventListener("click", () => this.#dialog.close());
  }

  /** Not over another dialog. */
  open() {
    if (!document.querySelector("dialog[open]")) this.#dialog.showModal();
  }
}

/** @param {string[]} keys @param {PlainKey} does */
function row(keys, does) {
  const caps = keys.map((key) => element("kbd", { textContent: key, lang: "en" }));
  const shown = element("dd", { className: "row" }, ...caps);
  return element("div", {}, say(element("dt"), does), shown);
}
