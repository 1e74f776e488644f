// What was measured, as a table to be seen and as text to be taken along.

import { element } from "../common/dom.js";
import { formatBytes, formatNumber, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/** @import { PlainKey } from "../../i18n/strings.js" */
/** @import { Message } from "../common/say.js" */
/** @import { Figures, Spread } from "./benchmark.js" */

/**
 * @typedef {object} Row
 * @property {PlainKey} name
 * @property {Message} value
 * @property {Message|null} spread  null: there is but one value
 */

/** @param {Figures} figures @returns {HTMLTableElement} */
export function resultTable(figures) {
  const head = [
    say(element("th", { scope: "col" }), "speed.measured"),
    say(element("th", { scope: "col" }), "speed.median"),
    say(element("th", { scope: "col" }), "speed.spread"),
  ];
  const rows = rowsOf(figures).map(({ name, value, spread }) =>
    element(
      "tr",
      {},
      say(element("th", { scope: "row" }), name),
      say(element("td"), value),
      say(element("td"), spread ?? (() => "")),
    ),
  );
  return element(
    "table",
    { className: "measured", tabIndex: -1 },
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...rows),
  );
}

/**
 * In the language of the moment; the browser says itself what it is.
 * @param {Figures} figures
 * @param {string} model  its name
 * @returns {string}
 */
export function resultText(figures, model) {
  const { threads, simd, activation_bits: bits } = figures;
  const how = [t("status.threads", { count: threads }), simd, `${formatNumber(bits)} bit`];
  const lines = rowsOf(figures).map(({ name, value, spread }) => {
    const around = spread ? ` (${spread()})` : "";
    return `${t(name)}: ${value()}${around}`;
  });
  const now = new Date().toISOString().slice(0, 10);
  return [[model, now, ...how].join(" · "), navigator.userAgent, ...lines].join("\n");
}

/** @param {Figures} figures @returns {Row[]} */
function rowsOf(figures) {
  const { encode_ms: encode, python_heap_mb: python, kernel_memory_peak_mb: kernels } = figures;
  return [
    spread("speed.first-answer", figures.image_to_short_answer_ms, formatTime),
    spread("speed.second-answer", figures.second_short_answer_ms, formatTime),
    ...(encode.high > 0 ? [spread("stats.encode_ms", encode, formatTime)] : []),
    spread("stats.prefill_ms", figures.prefill_ms, formatTime),
    spread("stats.decode_tokens_per_s", figures.decode_tokens_per_s, formatNumber),
    single("speed.first-ever", () => formatTime(figures.first_answer_ever_ms)),
    single("stats.kernel_memory_peak_bytes", () => formatBytes(kernels * 1e6)),
    single("stats.python_heap_bytes", () => formatBytes(python * 1e6)),
  ];
}

/** @param {PlainKey} name @param {Spread} measured @param {(value: number) => string} format @returns {Row} */
function spread(name, { median, low, high }, format) {
  return { name, value: () => format(median), spread: () => `${format(low)} – ${format(high)}` };
}

/** @param {PlainKey} name @param {Message} value @returns {Row} */
function single(name, value) {
  return { name, value, spread: null };
}
