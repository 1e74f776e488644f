// The rows as they are seen: each is made once and changed by itself, put where the order has it, and hidden where it is
// not what is looked for.

import { byId, element } from "../common/dom.js";
import { formatTime } from "../common/format.js";
import { say, sayLabel } from "../common/say.js";
import { locale } from "../../i18n/strings.js";
import { RowPictures } from "./row_pictures.js";

/** @import { Row } from "./records.js" */

/** Rows that are made in one go, which takes a few milliseconds. */
const CHUNK = 40;

/**
 * @typedef {"name"|"answer"|"time"} Column
 *
 * @typedef {object} Shown  a row on the screen
 * @property {Row} row
 * @property {HTMLElement} line
 * @property {HTMLElement} answer
 * @property {HTMLElement} time
 *
 * @typedef {object} ViewParts
 * @property {(number: number) => Promise<Blob|null>} fileOf  a row
 * @property {(row: Row) => void} onPicture  it is to be seen large
 * @property {(row: Row) => string} sentence  what a row says in the place of an answer
 */

export class TableView {
  #body = byId("table-rows");
  #heads = /** @type {HTMLElement[]} */ ([...byId("table-head").children]);
  #parts;
  #pictures;
  /** By number. @type {Map<number, Shown>} */
  #shown = new Map();
  /** As they stand on the screen. @type {Shown[]} */
  #order = [];
  /** Null: in the order of the files. @type {{column: Column, isDown: boolean}|null} */
  #sort = null;
  /** @type {(row: Row) => boolean} */
  #isWanted = () => true;

  /** @param {ViewParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#pictures = new RowPictures(parts.fileOf);
    for (const head of this.#heads) {
      head.querySelector("button")?.addEventListener("click", () => {
        this.#turn(/** @type {Column} */ (head.dataset.column));
      });
    }
    this.#showSort();
  }

  /** How many rows are looked for. */
  get count() {
    return this.#order.filter(({ line }) => !line.hidden).length;
  }

  /** @param {readonly Row[]} rows  behind those that are there @param {AbortSignal} signal */
  async add(rows, signal) {
    for (let at = 0; at < rows.length && !signal.aborted; at += CHUNK) {
      for (const row of rows.slice(at, at + CHUNK)) this.#addOne(row);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** @param {Row} row  that has changed */
  update(row) {
    const shown = this.#shown.get(row.number);
    if (!shown) return;
    this.#write(shown);
    if (this.#sort && this.#sort.column !== "name") this.#place(shown);
  }

  /** Rows that have changed together. @param {readonly Row[]} rows */
  updateAll(rows) {
    for (const { number } of rows) {
      const shown = this.#shown.get(number);
      if (shown) this.#write(shown);
    }
    if (this.#sort) this.#arrange();
  }

  /** @param {(row: Row) => boolean} isWanted */
  filter(isWanted) {
    this.#isWanted = isWanted;
    for (const { row, line } of this.#order) line.hidden = !isWanted(row);
  }

  clear() {
    this.#pictures.clear();
    this.#shown.clear();
    this.#order = [];
    this.#body.replaceChildren();
  }

  /** @param {Row} row */
  #addOne(row) {
    const { number, name } = row;
    const image = element("img", { alt: "", draggable: false, width: 48, height: 48 });
    const onclick = () => this.#parts.onPicture(row);
    const picture = element("button", { type: "button", className: "table-picture", onclick }, image);
    sayLabel(picture, "table.show-picture", { name });
    const title = element("span", { className: "table-name", dir: "auto", textContent: name, title: name });
    const head = element("th", { scope: "row" }, element("div", { className: "table-item" }, picture, title));
    const [answer, time] = [element("td", { className: "table-answer" }), element("td", { className: "table-time" })];
    const line = element("tr", {}, head, answer, time);
    line.dataset.number = String(number);
    const shown = { row, line, answer, time };
    this.#shown.set(number, shown);
    this.#write(shown);
    if (this.#sort) this.#place(shown);
    else {
      this.#order.push(shown);
      this.#body.append(line);
    }
    this.#pictures.show(image, number);
  }

  /** @param {Shown} shown */
  #write({ row, line, answer, time }) {
    const isDone = row.state === "done";
    line.dataset.state = row.state;
    line.hidden = !this.#isWanted(row);
    answer.dir = "auto";
    if (isDone && row.answer) answer.lang = row.english ? "en" : "";
    else answer.removeAttribute("lang");
    say(answer, () => (isDone && row.answer) || this.#parts.sentence(row));
    say(time, () => (row.ms !== null && isDone ? formatTime(row.ms) : ""));
  }

  /** Puts a row where the order has it; the others stay. @param {Shown} shown */
  #place(shown) {
    const compare = this.#comparison();
    const before = this.#order.indexOf(shown);
    if (before >= 0) this.#order.splice(before, 1);
    const found = this.#order.findIndex((other) => compare(other.row, shown.row) > 0);
    const at = found < 0 ? this.#order.length : found;
    this.#order.splice(at, 0, shown);
    if (at === before) return;
    const { activeElement } = document;
    this.#body.insertBefore(shown.line, this.#order[at + 1]?.line ?? null);
    if (activeElement instanceof HTMLElement && shown.line.contains(activeElement)) activeElement.focus();
  }

  /** Upwards, downwards, as the files came. @param {Column} column */
  #turn(column) {
    if (this.#sort?.column !== column) this.#sort = { column, isDown: false };
    else this.#sort = this.#sort.isDown ? null : { column, isDown: true };
    this.#arrange();
    this.#showSort();
  }

  #arrange() {
    const compare = this.#comparison();
    this.#order.sort((a, b) => compare(a.row, b.row));
    this.#body.append(...this.#order.map(({ line }) => line));
  }

  #showSort() {
    for (const head of this.#heads) {
      const isSorted = this.#sort?.column === head.dataset.column;
      head.ariaSort = isSorted ? (this.#sort?.isDown ? "descending" : "ascending") : "none";
    }
  }

  /** Rows without an answer come last, whichever way; what is equal stays in the order of the files. */
  #comparison() {
    if (!this.#sort) return byNumber;
    const { column, isDown } = this.#sort;
    const { compare } = new Intl.Collator(locale(), { numeric: true });
    const sign = isDown ? -1 : 1;
    const lacks = (/** @type {Row} */ row) => Number(column !== "name" && row.state !== "done");
    /** @type {Record<Column, (a: Row, b: Row) => number>} */
    const by = {
      name: (a, b) => compare(a.name, b.name),
      answer: (a, b) => compare(a.answer, b.answer),
      time: (a, b) => (a.ms ?? 0) - (b.ms ?? 0),
    };
    return (/** @type {Row} */ a, /** @type {Row} */ b) =>
      lacks(a) - lacks(b) || (lacks(a) ? 0 : sign * by[column](a, b)) || byNumber(a, b);
  }
}

/** @param {Row} a @param {Row} b */
function byNumber(a, b) {
  return a.number - b.number;
}
