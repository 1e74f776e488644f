// Files dropped or pasted anywhere on the page. Text belongs to the text field that it is dropped on or pasted into, and
// what is dragged from one place of the page to another is nothing new.

import { isTextField } from "../common/dom.js";
import { carriesFiles, carriesText, filesOf } from "./transfer.js";

/**
 * @typedef {object} BringHandlers
 * @property {(files: Promise<File[]>) => void} onFiles
 * @property {() => void} onText  text or a link, where nothing takes it
 */

/** @param {BringHandlers} handlers */
export function listenForFiles(handlers) {
  listenForDrops(handlers);
  document.addEventListener("paste", (event) => paste(event, handlers));
}

/** @param {BringHandlers} handlers */
function listenForDrops({ onFiles, onText }) {
  /** What is dragged, if it comes from this page. @type {EventTarget|null} */
  let source = null;
  /** @type {EventTarget|null} */
  let entered = null;
  // A source that was removed is never told of the drag's end.
  const isOwn = () => source instanceof Node && source.isConnected;
  /** Whether a text field takes it. A picture of another page has text beside it, and is meant as a picture. */
  const isForField = (/** @type {DragEvent} */ { target, dataTransfer }) =>
    isTextField(target) &&
    !carriesFiles(dataTransfer) &&
    (!isOwn() || (dataTransfer?.types.includes("text/plain") ?? false));
  const invite = (/** @type {boolean} */ isInviting) => document.body.classList.toggle("dragging", isInviting);

  document.addEventListener("dragstart", ({ target }) => {
    source = target;
  });
  document.addEventListener("dragend", () => {
    source = null;
  });
  document.addEventListener("dragenter", ({ target }) => {
    entered = target;
  });
  document.addEventListener("dragleave", ({ target }) => {
    // The next element is entered before the last one is left: this one was the last, so the window was left.
    if (target === entered) invite(false);
  });
  document.addEventListener("dragover", (event) => {
    const isBringing = carriesFiles(event.dataTransfer) && !isOwn();
    invite(isBringing);
    if (isForField(event)) return;
    event.preventDefault(); // or the browser would open what is dropped, in the place of the page
    if (isOwn() && event.dataTransfer) event.dataTransfer.dropEffect = "none";
  });
  document.addEventListener("drop", (event) => {
    invite(false);
    if (isForField(event)) return;
    event.preventDefault();
    if (isOwn() || !event.dataTransfer) return;
    if (carriesFiles(event.dataTransfer)) onFiles(filesOf(event.dataTransfer));
    else onText();
  });
}

/** @param {ClipboardEvent} event @param {BringHandlers} handlers */
function paste(event, { onFiles, onText }) {
  const { clipboardData, target } = event;
  // Behind a dialog nobody would see what changes.
  if (!clipboardData || document.querySelector("dialog[open]")) return;
  if (isTextField(target) && (carriesText(clipboardData) || !carriesFiles(clipboardData))) return;
  if (!carriesFiles(clipboardData)) return onText();
  event.preventDefault();
  onFiles(filesOf(clipboardData));
}
