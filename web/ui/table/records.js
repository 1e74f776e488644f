// What a table is made of: a question, and a row for each picture; and what is computed from these alone.

/** @import { WireError } from "../../engine/shared/errors.js" */

/**
 * @typedef {"waiting"|"looking"|"done"|"failed"|"skipped"} RowState  skipped: the table was stopped before it
 *
 * @typedef {object} Row
 * @property {number} number  from 1, in the order of the files
 * @property {string} name  of the file
 * @property {RowState} state
 * @property {string} answer
 * @property {number|null} ms  that the answer took
 * @property {string} model  that answered
 * @property {boolean} english  the answer is in the model's English, whatever the language of the page
 * @property {WireError|null} error
 *
 * @typedef {object} Question
 * @property {string} question
 * @property {string} choices  as they were written; "" where any answer will do
 *
 * @typedef {object} Table  as it lies on the disk, beside its rows
 * @property {"table"} id  there is one
 * @property {Question} written  what stands in the fields
 * @property {Question|null} asked  what the rows were asked; null: nothing yet
 * @property {number} created  ms
 */

/** More would be slow to look through, for a person as for a browser. */
export const MOST_ROWS = 1000;

/** @param {number} number @param {string} name @returns {Row} */
export function newRow(number, name) {
  return { number, name, state: "waiting", answer: "", ms: null, model: "", english: false, error: null };
}

/** @param {Row} row */
export function isOpen({ state }) {
  return state !== "done" && state !== "failed";
}

/** @param {Iterable<Row>} rows */
export function countRows(rows) {
  const counts = { all: 0, done: 0, failed: 0, open: 0 };
  for (const row of rows) {
    counts.all += 1;
    if (isOpen(row)) counts.open += 1;
    else counts[row.state === "done" ? "done" : "failed"] += 1;
  }
  return counts;
}

/**
 * What an answer is held to: a choice a line or, in a single line, between commas.
 * @param {string} written
 * @returns {string[]}  each once; empty where nothing is written
 */
export function choicesOf(written) {
  const lines = written.trim().split(/\r?\n/);
  const parts = lines.length > 1 ? lines : lines[0].split(/[,，、]/);
  return [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
}

/** @param {Question} a @param {Question} b */
export function isSameQuestion(a, b) {
  return a.question.trim() === b.question.trim() && isSameList(choicesOf(a.choices), choicesOf(b.choices));
}

/** @param {string[]} a @param {string[]} b */
function isSameList(a, b) {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}
