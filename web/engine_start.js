// Starts the page's engine: by itself, so that Python and the model are on their way while the interface's modules, of
// which there are many more, still come.

import { settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { settings } from "./ui/settings/settings.js";

/** @import { Quantization } from "./engine/shared/protocol.js" */

const TOLD = ["progress", "milestone", "notice", "restart", "failed"];

export const parameters = new URLSearchParams(location.search);
/** What the engine tells while there is no interface yet. @type {CustomEvent[]} */
const early = [];
let isHeard = false;

/** The page may be reloaded instead. @type {Promise<TinyVLM>} */
export const started = settle().then(start);

/** Tells it again, in its order, to those who listen by now. @param {TinyVLM} vlm  the one that was started */
export function sayWhatCameBefore(vlm) {
  isHeard = true;
  for (const { type, detail } of early.splice(0)) vlm.dispatchEvent(new CustomEvent(type, { detail }));
}

function start() {
  const vlm = new TinyVLM({
    model: parameters.get("model") ?? undefined,
    hub: parameters.get("hub") ?? undefined,
    threads: Number(parameters.get("threads")) || settings.values.threads || undefined,
    // The engine says so where it takes neither of these.
    simd: /** @type {"relaxed"|"simd128"|undefined} */ (parameters.get("simd") ?? undefined),
    activationBits: /** @type {7|undefined} */ (Number(parameters.get("bits")) || undefined),
    quantization: /** @type {Quantization|undefined} */ (parameters.get("quantization") ?? undefined),
  });
  for (const type of TOLD) {
    vlm.addEventListener(type, (event) => {
      if (!isHeard) early.push(/** @type {CustomEvent} */ (event));
    });
  }
  return vlm;
}
