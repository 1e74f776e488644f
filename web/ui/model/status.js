// What runs here, in one line, and all its figures for those who open them.

import { element } from "../common/dom.js";
import { formatBytes, formatFacts, formatNumber, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { has, t } from "../../i18n/strings.js";
import { publishedCard } from "./published.js";

/** @import { ModelCard, Stats } from "../../engine/shared/protocol.js" */
/** @import { Said } from "../common/say.js" */
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
    this.#panel.replaceChildren(say(element("p"), "stats.none"));
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
    const card = this.#card;
    this.#stats = stats;
    this.#sayLine(stats);
    const figures = Object.entries(stats)
      .filter(([, value]) => value !== null && value !== "" && typeof value !== "object")
      .map(([key, value]) => figure(key, value));
    const about = card ? aboutModel(card) : { before: [], after: [] };
    this.#panel.replaceChildren(...about.before, element("dl", {}, ...figures), ...about.after);
  }

  /** @param {Stats} stats */
  #sayLine(stats) {
    const [card, reader] = [this.#card, this.#reader];
    say(this.#line, () => summary(stats, card, reader));
  }
}

/** What its makers say of a model, in English. @param {ModelCard} card */
function aboutModel({ id, description, limits }) {
  const before = description ? [element("p", { lang: "en", textContent: description })] : [];
  const cannot = [say(element("strong"), "stats.limits"), " ", element("span", { lang: "en", textContent: limits })];
  return { before, after: [...(limits ? [element("p", {}, ...cannot)] : []), ...publishedCard(id)] };
}

/** @param {string} key @param {unknown} value */
function figure(key, value) {
  const name = say(element("dt"), () => sentenceOr(`stats.${key}`, key));
  return element(
    "div",
    {},
    name,
    say(element("dd"), () => formatStat(key, value)),
  );
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

/** What is called by a name that the page has no sentence for is called so. @param {string} key @param {string} name */
function sentenceOr(key, name) {
  return has(key) ? t(key) : name;
}

/** @param {string} key @param {unknown} value */
function formatStat(key, value) {
  if (typeof value === "boolean") return value ? t("stats.yes") : t("stats.no");
  if (key === "threads_reason") return sentenceOr(`threads.${value}`, String(value));
  if (key === "simd") return sentenceOr(`status.${value}`, String(value));
  if (typeof value !== "number") return String(value);
  if (key.endsWith("_bytes")) return formatBytes(value);
  if (key.endsWith("_ms")) return formatTime(value);
  return formatNumber(value);
}
