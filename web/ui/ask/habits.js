// What people's fingers expect of a box that questions are written in: the arrow up brings the last question back.

import { byId } from "../common/dom.js";

/** @param {() => string|null} lastQuestion  null: nothing was asked yet */
export function keepHabits(lastQuestion) {
  const box = byId("question", HTMLTextAreaElement);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" || isModified(event) || box.value) return;
    const question = lastQuestion();
    if (!question) return;
    event.preventDefault();
    write(box, question);
  });
}

/** @param {KeyboardEvent} event */
function isModified({ shiftKey, ctrlKey, metaKey, altKey }) {
  return shiftKey || ctrlKey || metaKey || altKey;
}

/**
 * As if it were typed: the page is told, and undo takes it back, which the box's `value` knows nothing of.
 * @param {HTMLTextAreaElement} box
 * @param {string} text
 */
function write(box, text) {
  if (document.execCommand("insertText", false, text)) return;
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
