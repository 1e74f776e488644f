// Why it is slower here than it could be, as far as a page can know, and what would help.

import { t } from "../../i18n/strings.js";

/** @import { Said } from "../common/say.js" */
/** @import { Stats } from "../../engine/shared/protocol.js" */

/**
 * @typedef {object} Circumstances
 * @property {Stats|null} stats  null: nothing is loaded
 * @property {number} cores  of this device
 * @property {boolean} wasHidden  the page was in the background while it answered last
 * @property {boolean} isOnBattery  and the browser says so
 */

/** More threads than these are not started. */
const MOST_THREADS = 8;

/** The gravest first. @param {Circumstances} circumstances @returns {Said[]} */
export function slowdowns({ stats, cores, wasHidden, isOnBattery }) {
  /** @type {Said[]} */
  const found = [];
  if (stats) found.push(...ofEngine(stats, cores));
  if (wasHidden) found.push("speed.hidden");
  if (isOnBattery) found.push("speed.battery");
  return found;
}

/** @param {Stats} stats @param {number} cores @returns {Said[]} */
function ofEngine({ threads: count, threads_reason: reason, simd, draft }, cores) {
  /** @type {Said[]} */
  const found = [];
  const most = Math.min(cores, MOST_THREADS);
  if (reason === "not-isolated") found.push("speed.isolation");
  if (reason === "not-started") found.push("speed.not-started");
  if (reason === "as-asked" && count < most) found.push(() => t("speed.fewer", { count, most }));
  if (simd === "simd128") found.push("speed.simd");
  if (draft) found.push("speed.draft");
  return found;
}
