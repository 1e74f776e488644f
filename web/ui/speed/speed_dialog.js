// How fast it is here: the last answer's times, what it runs on, what slows it down, and a measurement to take along.

import { asTinyVLMError } from "../../engine/shared/errors.js";
import { copyText } from "../common/clipboard.js";
import { byId, element } from "../common/dom.js";
import { formatBytes, formatFacts } from "../common/format.js";
import { say } from "../common/say.js";
import { errorSentence, has, t } from "../../i18n/strings.js";
import { measure } from "./benchmark.js";
import { isOnBattery } from "./circumstances.js";
import { bars, sayTimes } from "./last_answer.js";
import { resultTable, resultText } from "./result.js";
import { slowdowns } from "./slowdowns.js";

/** @import { TinyVLM } from "../../tinyvlm.js" */
/** @import { Stats } from "../../engine/shared/protocol.js" */
/** @import { Said } from "../common/say.js" */
/** @import { Figures } from "./benchmark.js" */
/** @import { Answer } from "./last_answer.js" */

/** That count; a person waits for them. */
const RUNS = 5;

export class SpeedDialog {
  #dialog = byId("speed-dialog", HTMLDialogElement);
  #progress = byId("speed-progress", HTMLProgressElement);
  #vlm;
  /** @type {Stats|null} */
  #stats = null;
  #wasHidden = false;
  #isOnBattery = false;
  /** The measurement that is being made. @type {AbortController|null} */
  #measuring = null;
  /** What was measured last, and of which model. @type {{figures: Figures, model: string}|null} */
  #result = null;

  /** @param {TinyVLM} vlm */
  constructor(vlm) {
    this.#vlm = vlm;
    say(byId("speed-last"), "speed.none");
    byId("speed-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#measuring?.abort());
    byId("speed-measure").addEventListener("click", () => this.#measure());
    byId("speed-stop").addEventListener("click", () => this.#measuring?.abort());
    byId("speed-copy").addEventListener("click", () => this.#copy());
    this.#showEngine();
  }

  /** @param {Stats} stats */
  setStats(stats) {
    this.#stats = stats;
    this.#showEngine();
  }

  /** @param {Answer} answer @param {boolean} wasHidden  the page was in the background meanwhile */
  setAnswer(answer, wasHidden) {
    this.#wasHidden = wasHidden;
    say(byId("speed-last"), sayTimes(answer));
    byId("speed-bars").replaceChildren(...bars(answer));
    this.#showEngine();
  }

  async open() {
    this.#say(null);
    if (!this.#dialog.open) this.#dialog.showModal();
    this.#isOnBattery = await isOnBattery();
    this.#showEngine();
  }

  #showEngine() {
    const stats = this.#stats;
    say(byId("speed-runs"), stats ? () => runsOn(stats) : "stats.none");
    const cores = navigator.hardwareConcurrency || 1;
    const found = slowdowns({ stats, cores, wasHidden: this.#wasHidden, isOnBattery: this.#isOnBattery });
    const reasons = found.length ? found : /** @type {Said[]} */ (["speed.nothing"]);
    byId("speed-reasons").replaceChildren(...reasons.map((reason) => say(element("li"), reason)));
  }

  async #measure() {
    const measuring = new AbortController();
    const { signal } = measuring;
    this.#measuring = measuring;
    this.#say(null);
    this.#showMeasuring(true);
    try {
      const { name: model } = await this.#vlm.ready;
      const figures = await measure(this.#vlm, {
        runs: RUNS,
        signal,
        onRun: (run, total) => this.#showRun(run, total),
      });
      this.#result = { figures, model };
      byId("speed-result").replaceChildren(resultTable(figures));
    } catch (error) {
      if (!signal.aborted) this.#say(() => errorSentence(asTinyVLMError(error)));
    } finally {
      this.#measuring = null;
      this.#showMeasuring(false);
    }
  }

  /** @param {boolean} isMeasuring */
  #showMeasuring(isMeasuring) {
    const hadFocus = [byId("speed-measure"), byId("speed-stop")].some((node) => node === document.activeElement);
    byId("speed-measure").hidden = isMeasuring;
    byId("speed-stop").hidden = !isMeasuring;
    this.#progress.hidden = !isMeasuring;
    byId("speed-copy").hidden = isMeasuring || this.#result === null;
    if (hadFocus) byId(isMeasuring ? "speed-stop" : "speed-measure").focus();
  }

  /** @param {number} run @param {number} total */
  #showRun(run, total) {
    Object.assign(this.#progress, { value: run, max: total });
  }

  async #copy() {
    if (!this.#result) return;
    const { figures, model } = this.#result;
    const isCopied = await copyText(resultText(figures, model), () => byId("speed-result"));
    this.#say(isCopied ? "speed.copied" : "speed.selected");
  }

  /** @param {Said|null} said */
  #say(said) {
    say(byId("speed-message"), said);
  }
}

/** @param {Stats} stats */
function runsOn({ threads: count, simd, kernel_memory_bytes: kernels, python_heap_bytes: python }) {
  const memory = (kernels ?? 0) + (python ?? 0);
  const simdKey = `status.${simd}`;
  return formatFacts([
    t("status.threads", { count }),
    has(simdKey) ? t(simdKey) : simd,
    memory && t("status.memory", { size: formatBytes(memory) }),
  ]);
}
