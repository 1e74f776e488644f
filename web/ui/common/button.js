// A button with words.

import { element } from "./dom.js";
import { say } from "./say.js";

/** @import { PlainKey } from "../../i18n/strings.js" */

/** @param {PlainKey} label @param {() => void} onclick @param {string} [className] @returns {HTMLButtonElement} */
export function button(label, onclick, className = "quiet") {
  return say(element("button", { type: "button", className, onclick }), label);
}
