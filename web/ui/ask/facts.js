// How an answer came about: what is kept of it, and the line below the answer.

import { formatFacts, formatTime } from "../common/format.js";
import { t } from "../../i18n/strings.js";

/** @import { SamplingOptions } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */

/**
 * @typedef {NonNullable<TinyVLM["lastAnswer"]>} Answer
 *
 * @typedef {object} Facts
 * @property {number} first_token_ms
 * @property {number} total_ms
 * @property {number} tokens  0 for a sentence in place of an answer, which is none of the model's words
 * @property {boolean} draft  it was answered before the whole model was there
 * @property {boolean} english  it is in the model's English, whatever the language of the page
 * @property {boolean} read  it is what a reader found in the image
 * @property {boolean} told  the model was told what the image says
 * @property {boolean} reused_image
 * @property {boolean} cut  at the length limit
 * @property {number} dropped_turns
 * @property {number} [temperature]  as it was asked for, with those below, if it was
 * @property {number} [top_p]
 * @property {number} [seed]
 * @property {number} [max_new_tokens]
 */

const SAMPLED = /** @type {const} */ (["temperature", "top_p", "seed", "max_new_tokens"]);

/**
 * @param {Answer} answer
 * @param {boolean} isEnglish  what the model writes
 * @param {SamplingOptions} sampling  that it was asked for with
 * @returns {Facts}
 */
export function factsOf(answer, isEnglish, sampling) {
  return {
    ...samplingOf(sampling),
    first_token_ms: Math.round(answer.first_token_ms),
    total_ms: Math.round(answer.total_ms),
    tokens: answer.tokens,
    draft: answer.draft,
    english: isEnglish && !answer.reading && !answer.unserved, // not words of the image, nor in the question's language
    read: answer.read,
    told: !answer.read && answer.reading !== null,
    reused_image: answer.reused_image,
    cut: answer.finish_reason === "length",
    dropped_turns: answer.dropped_turns,
  };
}

/** What gives the same answer once more. @param {SamplingOptions|Partial<Facts>} from @returns {SamplingOptions} */
export function samplingOf(from) {
  return Object.fromEntries(SAMPLED.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));
}

/** In a line. @param {Partial<Facts>} facts  those that an older version of the page has kept may lack some */
export function sayFacts({ first_token_ms: first, total_ms: total, tokens, ...facts }) {
  return formatFacts([
    first !== undefined && t("meta.first-token", { time: formatTime(first) }),
    total !== undefined && t("meta.total", { time: formatTime(total) }),
    tokens && t("meta.tokens", { count: tokens }),
    facts.read && t("meta.read"),
    facts.told && t("meta.told"),
    facts.reused_image && t("meta.reused"),
    facts.cut && t("meta.length"),
    facts.dropped_turns && t("meta.dropped"),
  ]);
}
