// A table as a file: CSV for spreadsheets, JSON for programs. All rows, in the order of the pictures.

import { choicesOf, isOpen } from "./records.js";

/** @import { Question, Row } from "./records.js" */

/** Spreadsheets take a cell that begins so for a formula, and may run it. The wide forms are theirs in Japan and China. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const COLUMNS = ["file", "answer", "seconds", "state", "error", "model"];
/** Without it Excel reads UTF-8 as something else. */
const BYTE_ORDER_MARK = "\ufeff";

/**
 * RFC 4180: CRLF behind every line; a cell with a comma, a quote or a line break is quoted. One that a spreadsheet would
 * take for a formula begins with ' here.
 * @param {readonly Row[]} rows
 * @param {(row: Row) => string} sentence  what went wrong, "" where nothing did
 * @returns {Blob}
 */
export function tableAsCSV(rows, sentence) {
  const lines = rows.map((row) => [
    row.name,
    row.state === "done" ? row.answer : "",
    row.ms === null ? "" : String(row.ms / 1000),
    stateOf(row),
    sentence(row),
    row.model,
  ]);
  const text = [COLUMNS, ...lines].map((cells) => `${cells.map(cellOf).join(",")}\r\n`).join("");
  return new Blob([BYTE_ORDER_MARK, text], { type: "text/csv;charset=utf-8" });
}

/**
 * @param {readonly Row[]} rows
 * @param {Question} question
 * @param {(row: Row) => string} sentence
 * @returns {Blob}
 */
export function tableAsJSON(rows, { question, choices }, sentence) {
  const held = choicesOf(choices);
  const table = {
    question,
    choices: held.length ? held : null,
    rows: rows.map((row) => ({
      file: row.name,
      answer: row.state === "done" ? row.answer : null,
      seconds: row.ms === null ? null : row.ms / 1000,
      state: stateOf(row),
      error: row.error && { code: row.error.code, message: sentence(row) },
      model: row.model || null,
    })),
  };
  return new Blob([`${JSON.stringify(table, null, 2)}\n`], { type: "application/json" });
}

/** @param {Row} row @returns {"done"|"failed"|"open"} */
function stateOf(row) {
  if (isOpen(row)) return "open";
  return row.state === "done" ? "done" : "failed";
}

/** @param {string} text */
function cellOf(text) {
  const plain = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
