// The last answer's times: how long until its first word, how fast it was written, and where the time went.

import { element } from "../common/dom.js";
import { formatFacts, formatNumber, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { locale, t } from "../../i18n/strings.js";

/** @import { Message, Said } from "../common/say.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */

/**
 * @typedef {NonNullable<TinyVLM["lastAnswer"]>} Answer
 * @typedef {{name: import("../../i18n/strings.js").PlainKey, ms: number}} Part  of an answer's time
 */

/** Less than this is nothing that a person could see or do anything about. */
const LEAST_MS = 0.5;

/** @param {Answer} answer @returns {Message} */
export function sayTimes(answer) {
  const { first_token_ms: first, total_ms: total, text } = answer;
  return () => {
    const rate = wordsPerSecond(countWords(text), total - first);
    return formatFacts([
      t("speed.first-word", { time: formatTime(first) }),
      rate && t("speed.words", { rate: formatNumber(rate < 10 ? rate : Math.round(rate)) }),
      t("meta.total", { time: formatTime(total) }),
    ]);
  };
}

/** @param {Answer} answer @returns {Part[]} those that took any time */
export function partsOf(answer) {
  const { encode_ms, prefill_ms, decode_ms, reading, total_ms } = answer;
  /** @type {Part[]} */
  const known = [
    { name: "stats.encode_ms", ms: encode_ms },
    { name: "speed.reading", ms: answer.read || reading ? (reading?.read_ms ?? 0) : 0 },
    { name: "stats.prefill_ms", ms: prefill_ms },
    { name: "stats.decode_ms", ms: decode_ms },
  ];
  const parts = known.map(({ name, ms }) => ({ name, ms: Math.min(ms || 0, total_ms) }));
  const rest = total_ms - parts.reduce((sum, { ms }) => sum + ms, 0);
  return [...parts, { name: /** @type {const} */ ("speed.other"), ms: rest }].filter(({ ms }) => ms >= LEAST_MS);
}

/** A bar for each part. @param {Answer} answer @returns {HTMLElement[]} list items */
export function bars(answer) {
  return partsOf(answer).map(({ name, ms }) => {
    const bar = element("meter", { min: 0, max: answer.total_ms, value: ms });
    const time = () => formatTime(Math.round(ms));
    bar.setAttribute("aria-hidden", "true"); // its time stands beside it
    return element("li", {}, say(element("span"), name), bar, say(element("span", { className: "time" }), time));
  });
}

/** @param {number} words @param {number} ms  from the first word to the last @returns {number|null} null: one word has no speed */
function wordsPerSecond(words, ms) {
  return words > 1 && ms > 0 ? ((words - 1) / ms) * 1000 : null;
}

/** @param {string} text */
function countWords(text) {
  const segmenter = new Intl.Segmenter(locale(), { granularity: "word" });
  return [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike).length;
}
