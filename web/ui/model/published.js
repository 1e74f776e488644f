// A public model's card: what it does better than the page's own, by published scores, and where they stand.

import { element } from "../common/dom.js";
import { locale, t } from "../../i18n/strings.js";
import { PUBLISHED, TASKS } from "./published_figures.js";

/** @import { Published, Task } from "./published_figures.js" */

/**
 * Nothing is fetched for it.
 * @param {string} model  a repository's name
 * @returns {HTMLElement[]}  none where nothing was published
 */
export function publishedCard(model) {
  if (!Object.hasOwn(PUBLISHED, model)) return [];
  const published = PUBLISHED[model];
  const source = element("a", {
    href: published.source,
    target: "_blank",
    rel: "noreferrer",
    textContent: t("published.source"),
  });
  const card = element(
    "div",
    { className: "published" },
    element("strong", { textContent: t("published.heading") }),
    element("dl", {}, ...rows(published)),
    element("p", { textContent: t("published.longer") }),
    element("p", { className: "soft" }, `${t("published.note")} `, source),
  );
  return [card];
}

/** @param {Published} published */
function rows({ scores }) {
  const tasks = /** @type {Task[]} */ (Object.keys(TASKS));
  return tasks.flatMap((task) => {
    const measured = TASKS[task].filter((name) => name in scores);
    if (!measured.length) return [];
    const said = measured.map((name) => `${name} ${scores[name].toLocaleString(locale)}`).join(", ");
    const term = element("dt", { textContent: t(`published.${task}`) });
    return [element("div", {}, term, element("dd", { textContent: said }))];
  });
}
