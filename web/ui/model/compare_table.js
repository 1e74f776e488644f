// Known models beside each other: what they take, how fast they were here, and what their makers have published.

import { element } from "../common/dom.js";
import { formatBytes, formatTime } from "../common/format.js";
import { say } from "../common/say.js";
import { locale } from "../../i18n/strings.js";
import { KNOWN, OWN } from "./known_models.js";
import { PUBLISHED, TASKS } from "./published_figures.js";
import { speedOf } from "./speeds.js";

/** @import { Said } from "../common/say.js" */
/** @import { KnownModel } from "./known_models.js" */
/** @import { Task } from "./published_figures.js" */

const NOTHING = "–";

/** @param {HTMLTableElement} table  filled anew */
export function fillTable(table) {
  const models = [OWN, ...KNOWN.filter(({ id }) => Object.hasOwn(PUBLISHED, id))];
  const head = element(
    "tr",
    {},
    element("td"),
    ...models.map(({ name }) => element("th", { scope: "col", textContent: name, lang: "en" })),
  );
  const tasks = /** @type {Task[]} */ (Object.keys(TASKS));
  table.tHead?.remove();
  table.replaceChildren(
    element("thead", {}, head),
    element(
      "tbody",
      {},
      row("models.download", models, ({ bytes }) => bytes && formatBytes(bytes)),
      row("models.memory-name", models, ({ memory }) => memory && formatBytes(memory)),
      row("models.speed-name", models, ({ id }) => timeOf(id)),
      ...tasks.flatMap((task) =>
        TASKS[task].map((name) =>
          row(
            () => name,
            models,
            ({ id }) => scoreOf(id, name),
          ),
        ),
      ),
    ),
  );
}

/**
 * @param {Said} name
 * @param {Readonly<KnownModel>[]} models
 * @param {(model: Readonly<KnownModel>) => string|number|null} figure
 */
function row(name, models, figure) {
  const cells = models.map((model) => say(element("td"), () => String(figure(model) || NOTHING)));
  return element("tr", {}, say(element("th", { scope: "row" }), name), ...cells);
}

/** @param {string} id */
function timeOf(id) {
  const speed = speedOf(id);
  return speed && formatTime(speed.total_ms);
}

/** @param {string} id @param {string} benchmark */
function scoreOf(id, benchmark) {
  const score = Object.hasOwn(PUBLISHED, id) && PUBLISHED[id].scores[benchmark];
  return score ? score.toLocaleString(locale()) : null;
}
