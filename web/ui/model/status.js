// What runs here, in one line, and all its figures for those who open them.

import { element } from "../common/dom.js";
import { formatBytes, formatNumber, formatTime } from "../common/format.js";
import { has, t } from "../../i18n/strings.js";
import { publishedCard } from "./published.js";

/** @import { ModelCard, Stats } from "../../engine/shared/protocol.js" */
/** @import { ReaderState } from "./loading.js" */

export class StatusBar {
  #line;
  #panel;
  /** @type {ModelCard|null} */
  #card = null;
  /** What the line is made of; null while it says something else. @type {Stats|null} */
  #stats = null;
  /** @type {ReaderState} */
  #reader = "none";

  /** @param {HTMLElement} line @param {HTMLElement} panel */
  constructor(line, panel) {
    this.#line = line;
    this.#panel = panel;
    this.#panel.textContent = t("stats.none");
  }

  /** @param {string} sentence */
  say(sentence) {
    this.#stats = null;
    this.#line.textContent = sentence;
  }

  /** @param {ModelCard} card */
  setModel(card) {
    this.#card = card;
  }

  /** @param {ReaderState} reader */
  setReader(reader) {
    this.#reader = reader;
    if (this.#stats) this.#line.textContent = this.#summary(this.#stats);
  }

  /** @param {Stats} stats */
  show(stats) {
    this.#stats = stats;
    this.#line.textContent = this.#summary(stats);
    const figures = Object.entries(stats)
      .filter(([, value]) => value !== null && value !== "" && typeof value !== "object")
      .map(([key, value]) =>
        element(
          "div",
          {},
          element("dt", { textContent: sentenceOr(`stats.${key}`, key) }),
          element("dd", { textContent: formatStat(key, value) }),
        ),
      );
    /** @type {HTMLElement[]} */
    const parts = [element("dl", {}, ...figures)];
    if (this.#card?.description) parts.unshift(element("p", { textContent: this.#card.description }));
    if (this.#card?.limits) {
      parts.push(element("p", {}, element("strong", { textContent: `${t("stats.limits")}: ` }), this.#card.limits));
    }
    if (this.#card) parts.push(...publishedCard(this.#card.id));
    this.#panel.replaceChildren(...parts);
  }

  /** @param {Stats} stats */
  #summary(stats) {
    const isAlone = stats.threads === 1;
    const threads = isAlone ? t("status.one-thread") : t("status.threads", { count: stats.threads });
    const reason = isAlone && stats.threads_reason ? ` ${t("status.reason", { reason: stats.threads_reason })}` : "";
    const memory = (stats.kernel_memory_bytes ?? 0) + (stats.python_heap_bytes ?? 0);
    return [
      this.#card?.name,
      stats.draft ? t("status.draft") : t("status.full"),
      threads + reason,
      sentenceOr(`status.${stats.simd}`, stats.simd),
      stats.crossOriginIsolated ? t("status.isolated") : t("status.not-isolated"),
      memory ? t("status.memory", { size: formatBytes(memory) }) : "",
      this.#reader === "none" ? "" : t(`status.reader-${this.#reader}`),
    ]
      .filter(Boolean)
      .join(" · ");
  }
}

/** What is called by a name that the page has no sentence for is called so. @param {string} key @param {string} name */
function sentenceOr(key, name) {
  return has(key) ? t(key) : name;
}

/** @param {string} key @param {unknown} value */
function formatStat(key, value) {
  if (typeof value === "boolean") return value ? t("stats.yes") : t("stats.no");
  if (typeof value !== "number") return String(value);
  if (key.endsWith("_bytes")) return formatBytes(value);
  if (key.endsWith("_ms")) return formatTime(value);
  return formatNumber(value);
}
