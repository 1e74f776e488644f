// A conversation in the list: what it was about, and what can be done with it.

import { button } from "../common/button.js";
import { element } from "../common/dom.js";
import { formatFacts } from "../common/format.js";
import { formatDay } from "../common/format_dates.js";
import { say, sayLabel } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/** @import { Found } from "./search.js" */
/** @import { Summary } from "./views.js" */

/**
 * @typedef {object} ItemActions
 * @property {() => void} onOpen
 * @property {(title: string) => void} onRename
 * @property {(as: "archive"|"markdown"|"html") => void} onSave
 * @property {() => void} onDelete
 * @property {() => void} onClose  nothing is to be done with it any more
 */

/**
 * @param {Summary & {found?: Found}} conversation
 * @param {boolean} isOpen  on the screen
 * @param {ItemActions} actions
 */
export function historyItem(conversation, isOpen, actions) {
  const { title, changed, questions, thumbnail, isKept, isNamed } = conversation;
  const name = () => title || t("history.untitled");
  const facts = () =>
    formatFacts([formatDay(changed), t("history.questions", { count: questions }), !isKept && t("history.not-kept")]);
  const open = element(
    "button",
    { type: "button", className: "history-open", onclick: actions.onOpen },
    picture(thumbnail),
    say(element("strong", { className: "name", dir: "auto", lang: title ? "" : document.documentElement.lang }), name),
    say(element("span", { className: "soft" }), facts),
  );
  if (isOpen) open.ariaCurrent = "true";
  const row = element("div", { className: "row history-actions", hidden: true });
  const item = element("li", { className: "history-item" }, open, more(name, row, actions.onClose), row);
  showActions(row, isNamed ? title : "", actions);
  return item;
}

/** @param {Blob|null} thumbnail */
function picture(thumbnail) {
  const image = element("img", { alt: "", className: "history-picture", draggable: false });
  if (!thumbnail) return image;
  const url = URL.createObjectURL(thumbnail);
  image.addEventListener("load", () => URL.revokeObjectURL(url), { once: true });
  image.src = url;
  return image;
}

/** The button that shows what can be done. @param {() => string} name @param {HTMLElement} row @param {() => void} onClose */
function more(name, row, onClose) {
  const toggle = (/** @type {boolean} */ isShown) => {
    row.hidden = !isShown;
    button.ariaExpanded = String(isShown);
    if (!isShown) onClose();
  };
  const onclick = () => toggle(row.hidden);
  const button = sayLabel(
    element("button", { type: "button", className: "history-more", textContent: "⋯", onclick }),
    "history.more",
    { name },
  );
  button.ariaExpanded = "false";
  row.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault(); // it closes this, not the dialog
    button.focus();
    toggle(false);
  });
  return button;
}

/** @param {HTMLElement} row @param {string} title @param {ItemActions} actions */
function showActions(row, title, actions) {
  const { onRename, onSave, onDelete } = actions;
  const back = () => {
    showActions(row, title, actions);
    row.querySelector("button")?.focus();
  };
  row.replaceChildren(
    button("history.rename", () => show(row, ...renaming(title, onRename, back))),
    button("history.save", () => onSave("archive")),
    button("history.save-markdown", () => onSave("markdown")),
    button("history.save-html", () => onSave("html")),
    button("history.delete", () => show(row, ...confirming(onDelete, back)), "quiet danger"),
  );
}

/** Something that is to be answered first. @param {HTMLElement} row @param {...HTMLElement} nodes */
function show(row, ...nodes) {
  row.replaceChildren(...nodes);
  row.querySelector("input")?.select();
  if (!row.contains(document.activeElement)) row.querySelector("button")?.focus();
}

/** @param {string} title @param {ItemActions["onRename"]} onRename @param {() => void} onCancel */
function renaming(title, onRename, onCancel) {
  const input = sayLabel(
    element("input", { type: "text", dir: "auto", autocomplete: "off", maxLength: 200, value: title }),
    "history.name",
  );
  const form = element("form", { className: "row", noValidate: true }, input);
  form.append(
    say(element("button", { type: "submit", className: "primary" }), "history.rename"),
    button("history.keep", onCancel),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onRename(input.value);
  });
  return [form];
}

/** @param {() => void} onDelete @param {() => void} onCancel */
function confirming(onDelete, onCancel) {
  return [button("history.delete-sure", onDelete, "primary danger"), button("history.keep", onCancel)];
}
