// What shows the list of keyboard shortcuts: a button, and a question mark where no text is being written.

import { byId, isTextField } from "../common/dom.js";

/** @param {() => void} onWanted */
export function offerShortcuts(onWanted) {
  byId("shortcuts-button").addEventListener("click", onWanted);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.ctrlKey || event.metaKey || isWriting(event)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    onWanted();
  });
}

/** Whether a letter goes into a text, or into a menu that is searched by letters. @param {KeyboardEvent} event */
function isWriting({ target, isComposing }) {
  if (isComposing || isTextField(target)) return true;
  return target instanceof Element && target.matches("select, input[type=search]");
}
