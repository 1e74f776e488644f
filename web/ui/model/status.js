// What runs here, in one line, and all its figures for those who open them.

import { element } from "../common/dom.js";
import { formatBytes, formatFacts } from "../common/format.js";
import { OnDemand } from "../common/on_demand.js";
import { say } from "../common/say.js";
import { asTinyVLMError } from "../../engine/shared/errors.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { sentenceOr } from "./sentence_or.js";

/** @import { ModelCard, Stats } from "../../engine/shared/protocol.js" */
/** @import { Said } from "../common/say.js" */
/** @import { ReaderState } from "./loading.js" */

export class StatusBar {
  #line;
  #panel;
  #details;
  /** @type {ModelCard|null} */
  #card = null;
  /** What the line is made of; null while it says something else. @type {Stats|null} */
  #stats = null;
  /** @type {Stats|null} */
  #latest = null;
  /** @type {ReaderState} */
  #reader = "none";
  #figures = new OnDemand({
    load: () => import("./status_panel.js"),
    make: ({ panelNodes }) => panelNodes,
    styles: ["styles/dialogs.css"], // which has those of published scores
  });

  /** @param {HTMLElement} line @param {HTMLElement} panel */
  constructor(line, panel) {
    this.#line = line;
    this.#panel = panel;
    this.#details = panel.closest("details");
    this.#panel.replaceChildren(say(element("p"), "stats.none"));
    this.#details?.addEventListener("toggle", () => {
      if (this.#details?.open && this.#latest) void this.#fill();
    });
  }

  /** @param {Said} said */
  say(said) {
    this.#stats = null;
    say(this.#line, said);
  }

  /** @param {ModelCard} card */
  setModel(card) {
    this.#card = card;
  }

  /** @param {ReaderState} reader */
  setReader(reader) {
    this.#reader = reader;
    if (this.#stats) this.#sayLine(this.#stats);
  }

  /** @param {Stats} stats */
  show(stats) {
    this.#stats = this.#latest = stats;
    this.#sayLine(stats);
    if (this.#details?.open) void this.#fill();
  }

  /** All figures, while somebody looks. */
  async #fill() {
    try {
      const panelNodes = await this.#figures.get();
      if (this.#latest) this.#panel.replaceChildren(...panelNodes(this.#latest, this.#card));
    } catch (error) {
      const told = asTinyVLMError(error);
      this.#panel.replaceChildren(say(element("p"), () => errorSentence(told)));
    }
  }

  /** @param {Stats} stats */
  #sayLine(stats) {
    const [card, reader] = [this.#card, this.#reader];
    say(this.#line, () => summary(stats, card, reader));
  }
}

/** @param {Stats} stats @param {ModelCard|null} card @param {ReaderState} reader */
function summary(stats, card, reader) {
  const memory = (stats.kernel_memory_bytes ?? 0) + (stats.python_heap_bytes ?? 0);
  return formatFacts([
    card?.name,
    stats.draft ? t("status.draft") : t("status.full"),
    threadsOf(stats),
    sentenceOr(`status.${stats.simd}`, stats.simd),
    stats.crossOriginIsolated ? t("status.isolated") : t("status.not-isolated"),
    memory && t("status.memory", { size: formatBytes(memory) }),
    reader !== "none" && t(`status.reader-${reader}`),
  ]);
}

/** How many, and where there is but one, why. @param {Stats} stats */
function threadsOf({ threads: count, threads_reason: reason }) {
  const threads = t("status.threads", { count });
  if (count > 1 || !reason) return threads;
  return t("status.threads-because", { threads, reason: sentenceOr(`threads.${reason}`, reason) });
}
