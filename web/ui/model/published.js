// A public model's card: what it does better than the page's own, by published scores, and where they stand.

import { element } from "../common/dom.js";
import { formatList } from "../common/format_dates.js";
import { say } from "../common/say.js";
import { locale } from "../../i18n/strings.js";
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
  const source = element("a", { href: published.source, target: "_blank", rel: "noreferrer" });
  const card = element(
    "div",
    { className: "published" },
    say(element("strong"), "published.heading"),
    element("dl", {}, ...rows(published)),
    say(element("p"), "published.longer"),
    element("p", { className: "soft" }, say(element("span"), "published.note"), " ", say(source, "published.source")),
  );
  return [card];
}

/** @param {Published} published */
function rows({ scores }) {
  const tasks = /** @type {Task[]} */ (Object.keys(TASKS));
  return tasks.flatMap((task) => {
    const measured = TASKS[task].filter((name) => name in scores);
    if (!measured.length) return [];
    const scored = () => formatList(measured.map((name) => `${name} ${scores[name].toLocaleString(locale())}`));
    return [element("div", {}, say(element("dt"), `published.${task}`), say(element("dd"), scored))];
  });
}
