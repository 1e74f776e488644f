// All figures of what runs here, and what its makers say of the model.

import { element } from "../common/dom.js";
import { formatBytes, formatNumber, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { publishedCard } from "./published.js";
import { sentenceOr } from "./sentence_or.js";

/** @import { ModelCard, Stats } from "../../engine/shared/protocol.js" */

/** @param {Stats} stats @param {ModelCard|null} card @returns {HTMLElement[]} */
export function panelNodes(stats, card) {
  const figures = Object.entries(stats)
    .filter(([, value]) => value !== null && value !== "" && typeof value !== "object")
    .map(([key, value]) => figure(key, value));
  const about = card ? aboutModel(card) : { before: [], after: [] };
  return [...about.before, element("dl", {}, ...figures), ...about.after];
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
