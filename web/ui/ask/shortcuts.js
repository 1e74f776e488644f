// The list of keyboard shortcuts: a question mark opens it, where no text is being written.

import { byId, element, isTextField } from "../common/dom.js";
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

export function offerShortcuts() {
  const dialog = byId("shortcuts-dialog", HTMLDialogElement);
  byId("shortcuts-list").replaceChildren(...SHORTCUTS.map(([keys, does]) => row(keys, does)));
  byId("shortcuts-button").addEventListener("click", () => dialog.showModal());
  byId("shortcuts-close").addEventListener("click", () => dialog.close());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || isWriting(event)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    dialog.showModal();
  });
}

/** @param {string[]} keys @param {PlainKey} does */
function row(keys, does) {
  const caps = keys.map((key) => element("kbd", { textContent: key, lang: "en" }));
  const shown = element("dd", { className: "row" }, ...caps);
  return element("div", {}, say(element("dt"), does), shown);
}

/** Whether a letter goes into a text, or into a menu that is searched by letters. @param {KeyboardEvent} event */
function isWriting({ target, isComposing }) {
  if (isComposing || isTextField(target)) return true;
  return target instanceof Element && target.matches("select, input[type=search]");
}
