// The project's measurement of a page: whole answers as a person gets them, from an image that nobody has seen to the last
// word. The dialog, bench.html and scripts/bench.py all run this.

import { drawnImage } from "./drawn_image.js";

/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Stats } from "../../engine/shared/protocol.js" */

/**
 * @typedef {object} Spread  half of what was measured lies between `low` and `high`
 * @property {number} median
 * @property {number} low
 * @property {number} high
 *
 * @typedef {object} Figures
 * @property {number} threads
 * @property {Stats["simd"]} simd
 * @property {number} activation_bits
 * @property {number} first_answer_ever_ms  of a page: what runs for the first time is compiled
 * @property {Spread} encode_ms
 * @property {Spread} prefill_ms
 * @property {Spread} decode_tokens_per_s
 * @property {Spread} image_to_short_answer_ms
 * @property {Spread} second_short_answer_ms
 * @property {number} kernel_memory_peak_mb
 * @property {number} python_heap_mb
 *
 * @typedef {object} Measuring
 * @property {number} runs  that count
 * @property {(done: number, total: number) => void} [onRun]  told before each run, and at the end
 * @property {AbortSignal} [signal]
 */

/** Before those that count. */
const WARM_UPS = 2;
const SIDE = 256;
const SMALLEST_RADIUS = 40;
/** What the bundled model takes at most; models that were made for conversations would go on for long. */
const LIMIT = { max_new_tokens: 32 };

/** @param {number[]} samples @returns {Spread} */
export function spreadOf(samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  /** @param {number} share */
  const at = (share) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] * 100) / 100;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/**
 * Asks three questions about each of several drawn images. Other requests of the page may come between, and cost time.
 * @param {TinyVLM} vlm
 * @param {Measuring} options
 * @returns {Promise<Figures>}
 * @throws {DOMException} AbortError
 * @throws {import("../../engine/shared/errors.js").TinyVLMError} what the engine says
 */
export async function measure(vlm, { runs, onRun = () => {}, signal }) {
  const { sees } = await vlm.ready;
  const total = WARM_UPS + runs;
  const measured = [];
  for (let run = 0; run < total; run++) {
    onRun(run, total);
    const image = await drawnImage(SIDE, SIDE, SMALLEST_RADIUS + run);
    measured.push(await measureOnce(vlm, sees ? image : null, signal));
  }
  onRun(total, total);
  const stats = await vlm.stats();
  const counted = measured.slice(WARM_UPS);
  return {
    threads: stats.threads,
    simd: stats.simd,
    activation_bits: stats.activation_bits,
    first_answer_ever_ms: Math.round(measured[0].first),
    encode_ms: spreadOf(counted.map(({ encode }) => encode)),
    prefill_ms: spreadOf(counted.map(({ prefill }) => prefill)),
    decode_tokens_per_s: spreadOf(counted.map(({ rate }) => rate)),
    image_to_short_answer_ms: spreadOf(counted.map(({ first }) => first)),
    second_short_answer_ms: spreadOf(counted.map(({ second }) => second)),
    kernel_memory_peak_mb: Math.round(stats.kernel_memory_peak_bytes / 1e5) / 10,
    python_heap_mb: Math.round(stats.python_heap_bytes / 1e5) / 10,
  };
}

/** @param {TinyVLM} vlm @param {Blob|null} image @param {AbortSignal} [signal] */
async function measureOnce(vlm, image, signal) {
  /** @param {string} question @returns {Promise<number>} milliseconds */
  const ask = async (question) => {
    const started = performance.now();
    await vlm.ask(image, question, { ...LIMIT, signal });
    return performance.now() - started;
  };
  const first = await ask("What color is the shape?");
  const answer = vlm.lastAnswer;
  const second = await ask("What shape is in the image?");
  await ask("Describe the image.");
  const { decode_tokens_per_s: rate } = await vlm.stats();
  return { first, second, rate, encode: answer?.encode_ms ?? 0, prefill: answer?.prefill_ms ?? 0 };
}
