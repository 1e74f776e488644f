// Looks at a drawn image with each profile, to learn how long that takes on this device.

import { drawnImage } from "../speed/drawn_image.js";

/** @import { Profile } from "../../engine/shared/protocol.js" */
/** @import { TinyVLM } from "../../tinyvlm.js" */

/**
 * Milliseconds that a profile takes to look at the image; a profile is missing where it could not be waited for.
 * @typedef {Partial<Record<Profile, number>>} Times
 */

/** From quick to close. */
const PROFILES = /** @type {const} */ (["fast", "balanced", "accuracy"]);
const BUDGET_MS = 2000;
const MOST_ROUNDS = 5;
/** A photograph's size: models that cut images into tiles cut this one. */
const [WIDTH, HEIGHT] = [1024, 768];

/**
 * @param {TinyVLM} vlm
 * @returns {Promise<Times>}  the least of several rounds: the first one compiles
 */
export async function measureProfiles(vlm) {
  const image = await drawnImage(WIDTH, HEIGHT);
  /** @type {Times} */
  const times = {};
  let left = BUDGET_MS;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const profile of PROFILES) {
      const took = await look(vlm, image, profile, left);
      if (took === null) return times;
      times[profile] = Math.min(took, times[profile] ?? took);
      left -= took;
      if (left <= 0) return times;
    }
  }
  return times;
}

/**
 * @param {TinyVLM} vlm
 * @param {Blob} image
 * @param {Profile} profile
 * @param {number} most  milliseconds, from when it is its turn
 * @returns {Promise<number|null>}  null: it could not be waited for
 */
async function look(vlm, image, profile, most) {
  const late = new AbortController();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const onPhase = (/** @type {string} */ phase) => {
    if (phase === "encoding") timer = setTimeout(() => late.abort(), most);
  };
  try {
    return (await vlm.encode(image, { profile, signal: late.signal, onPhase })).encode_ms;
  } catch (error) {
    if (late.signal.aborted) return null;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
