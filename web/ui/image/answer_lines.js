// Where in a picture's text an answer stands that was taken from it.

/** @import { Reading } from "../../engine/shared/protocol.js" */

/** @typedef {{text: string, lines: {index: number, start: number, end: number}[]}} Row  a row's words in small letters */

/**
 * The lines that hold an answer, by their place in the reading; none where all of them do. Of the places where a row
 * of the answer stands, those beside words of the question count: the total, and not the same amount in cash.
 * @param {Reading} reading
 * @param {string} question
 * @param {string} answer
 * @returns {Set<number>}
 */
export function answerLines(reading, question, answer) {
  const rows = rowsOf(reading);
  const asked = plain(question).match(/\p{L}{3,}/gu) ?? [];
  /** @type {Set<number>} */
  const found = new Set();
  for (const part of answer.split("\n").map(plain).filter(Boolean)) {
    const places = rows.flatMap((row) => placesIn(row, part));
    const nearness = places.map(({ row }) => asked.filter((word) => hasWord(row.text, word)).length);
    const nearest = Math.max(...nearness);
    for (const { lines } of places.filter((_, at) => nearness[at] === nearest))
      lines.forEach((line) => found.add(line));
  }
  return found.size < reading.lines.length ? found : new Set();
}

/** @param {Reading} reading @returns {Row[]} */
function rowsOf({ lines }) {
  /** @type {Map<number, Row>} */
  const rows = new Map();
  for (const [index, line] of lines.entries()) {
    const row = rows.get(line.row) ?? { text: "", lines: [] };
    const before = row.text ? `${row.text} ` : "";
    row.text = before + plain(line.text);
    row.lines.push({ index, start: before.length, end: row.text.length });
    rows.set(line.row, row);
  }
  return [...rows.values()];
}

/** @param {Row} row @param {string} words */
function placesIn(row, words) {
  return wordsIn(row.text, words).map((start) => {
    const end = start + words.length;
    const lines = row.lines.filter((line) => line.start < end && start < line.end);
    return { row, lines: lines.map(({ index }) => index) };
  });
}

/** Where words begin in a text that are not a part of longer ones, or of a number. @param {string} text @param {string} words */
function wordsIn(text, words) {
  const starts = [];
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const isPart =
      /[\p{L}\p{N}][.,]?$/u.test(text.slice(0, at)) || /^[.,]?[\p{L}\p{N}]/u.test(text.slice(at + words.length));
    if (!isPart) starts.push(at);
  }
  return starts;
}

/** @param {string} text @param {string} word */
function hasWord(text, word) {
  return wordsIn(text, word).length > 0;
}

/** Small letters, a space between words. @param {string} text */
function plain(text) {
  return text.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
}
