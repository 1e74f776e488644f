// A download that can be paused, taken up again and given up: the buttons, and what is said of it.

import { button } from "../common/button.js";
import { element } from "../common/dom.js";
import { formatBytes, formatBytesOf } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
/** @import { Download, ModelSwitch } from "./model_switch.js" */

/**
 * For the card of what loads; none for the page's own model.
 * @param {ModelSwitch} switching
 * @param {boolean} isKept  what comes is kept: else there is nothing to take up again
 */
export function loadingControls(switching, isKept) {
  if (!switching.canCancel) return null;
  const pause = switching.download && isKept ? [button("models.pause", () => switching.pause())] : [];
  const cancel = button("models.cancel", () => switching.cancel());
  return element("div", { className: "row download-controls" }, ...pause, cancel);
}

/** Where it has failed. @param {ModelSwitch} switching */
export function wayBack(switching) {
  if (!switching.canCancel) return null;
  const name = switching.nameBefore;
  const onclick = () => switching.cancel();
  return say(element("button", { type: "button", className: "quiet", onclick }), "models.back", { name });
}

/** @param {Pick<Download, "loaded"|"total">} download */
export function sizeOf({ loaded, total }) {
  return total > 0 ? formatBytesOf(Math.min(loaded, total), total) : formatBytes(loaded);
}
