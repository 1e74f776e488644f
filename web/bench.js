// A page that anyone can open to measure how fast it is on their device: what scripts/bench.py --browser measures in the
// page, with the same questions about the same images. Address parameters as those of the page: model, threads, simd.

import { settle } from "./offline.js";
import { TinyVLM } from "./tinyvlm.js";
import { asTinyVLMError } from "./engine/shared/errors.js";
import { begun, errorSentence, speakAll, t } from "./i18n/strings.js";
import { copyText } from "./ui/common/clipboard.js";
import { byId } from "./ui/common/dom.js";
import { say, sayLabel } from "./ui/common/say.js";
import { measure } from "./ui/speed/benchmark.js";
import { wasHiddenFor } from "./ui/speed/circumstances.js";
import { resultTable, resultText } from "./ui/speed/result.js";

const RUNS = 15;

const start = byId("bench-start", HTMLButtonElement);
const copy = byId("bench-copy");
const progress = byId("bench-progress", HTMLProgressElement);
const state = byId("bench-state");
const result = byId("bench-result");
let text = "";

say(byId("bench-heading"), "bench.heading");
say(byId("bench-intro"), "bench.intro", { count: RUNS });
say(byId("bench-advice"), "bench.advice");
say(byId("bench-back"), "bench.back");
say(start, "speed.begin");
say(copy, "speed.copy");
sayLabel(progress, "speed.measure");
say(state, "status.loading");
start.addEventListener("click", () => void run());
copy.addEventListener("click", () => void take());

await settle();
const parameters = new URLSearchParams(location.search);
const vlm = new TinyVLM({
  model: parameters.get("model") ?? undefined,
  threads: Number(parameters.get("threads")) || undefined,
  simd: /** @type {"relaxed"|"simd128"|undefined} */ (parameters.get("simd") ?? undefined),
});
Object.assign(window, { tinyvlm: vlm }); // for the console, and for tests
vlm.addEventListener("restart", () => say(state, "engine.restarted"));
vlm.whole.then(setReady, fail);
await begun;
await speakAll();
byId("not-started").remove();

/** Not before the weights are exact: what arrives meanwhile takes time. */
function setReady() {
  start.disabled = false;
  say(state, "bench.ready");
}

/** @param {unknown} error */
function fail(error) {
  const told = asTinyVLMError(error);
  say(state, () => errorSentence(told));
}

async function run() {
  const began = performance.now();
  setRunning(true);
  try {
    const { name } = await vlm.ready;
    const figures = await measure(vlm, { runs: RUNS, onRun: showRun });
    result.replaceChildren(resultTable(figures));
    text = resultText(figures, name);
    say(state, wasHiddenFor(performance.now() - began) ? "bench.hidden" : "bench.done");
  } catch (error) {
    fail(error);
  } finally {
    setRunning(false);
  }
}

/** @param {boolean} isRunning */
function setRunning(isRunning) {
  start.disabled = isRunning;
  progress.hidden = !isRunning;
  copy.hidden = isRunning || !text;
  if (!isRunning) start.focus(); // it was taken from it
}

/** @param {number} done @param {number} total */
function showRun(done, total) {
  Object.assign(progress, { value: done, max: total });
  say(state, () => t("speed.run", { done, total }));
}

async function take() {
  say(state, (await copyText(text, () => result)) ? "speed.copied" : "speed.selected");
}
