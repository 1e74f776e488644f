// What of a table is looked at: rows with some words in name or answer, and those with one answer.

import { byId, element } from "../common/dom.js";
import { say } from "../common/say.js";
import { fold } from "../history/search.js";
import { t } from "../../i18n/strings.js";
import { isOpen } from "./records.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Row } from "./records.js" */

/** Answers that differ more than so are no choice to make. */
const MOST_ANSWERS = 12;
/** Words of no answer, which begin with "=". */
const FAILED = "failed";
const OPEN = "open";

export class TableFilter {
  #search = byId("table-search", HTMLInputElement);
  #answers = byId("table-answers", HTMLSelectElement);
  /** What can be chosen, in one text. */
  #offered = "";

  /** @param {() => void} onChange  something else is looked for */
  constructor(onChange) {
    this.#search.addEventListener("input", onChange);
    this.#answers.addEventListener("change", onChange);
  }

  /** @returns {(row: Row) => boolean} */
  test() {
    const words = fold(this.#search.value).split(/\s+/).filter(Boolean);
    const { value } = this.#answers;
    return (row) => isOf(row, value) && hasWords(row, words);
  }

  reset() {
    this.#search.value = "";
    this.#answers.value = "";
  }

  /**
   * Offers the answers that there are, where they are few.
   * @param {Iterable<Row>} rows
   * @param {string[]} choices  that they are held to
   * @returns {boolean} whether what was looked for cannot be chosen any more
   */
  offer(rows, choices) {
    const answers = new Set(choices);
    const states = new Set();
    for (const row of rows) {
      if (row.state === "done") answers.add(row.answer);
      else states.add(row.state === "failed" ? FAILED : OPEN);
    }
    const isFew = choices.length > 0 || (answers.size > 0 && answers.size <= MOST_ANSWERS);
    const listed = isFew ? [...answers] : [];
    const offered = JSON.stringify([listed, [...states].sort()]);
    if (offered === this.#offered) return false;
    this.#offered = offered;
    const { value } = this.#answers;
    this.#answers.replaceChildren(
      option("", "table.answers-all"),
      ...listed.map((answer) => element("option", { value: `=${answer}`, textContent: answer, dir: "auto", lang: "" })),
      ...(states.has(FAILED) ? [option(FAILED, "table.answers-failed")] : []),
      ...(states.has(OPEN) ? [option(OPEN, "table.answers-open")] : []),
    );
    this.#answers.value = value;
    const isGone = this.#answers.selectedIndex < 0;
    if (isGone) this.#answers.value = "";
    return isGone;
  }
}

/** @param {string} value @param {PlainKey} label */
function option(value, label) {
  return say(element("option", { value }), () => t(label));
}

/** @param {Row} row @param {string} value  of the menu */
function isOf(row, value) {
  if (value === "") return true;
  if (value === FAILED) return row.state === "failed";
  if (value === OPEN) return isOpen(row);
  return row.state === "done" && `=${row.answer}` === value;
}

/** @param {Row} row @param {string[]} words */
function hasWords({ name, answer, state }, words) {
  if (words.length === 0) return true;
  const text = fold(state === "done" ? `${name}\n${answer}` : name);
  return words.every((word) => text.includes(word));
}
