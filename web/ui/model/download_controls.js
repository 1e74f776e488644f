// A download that can be paused, taken up again and given up: the buttons, and what is said of it.

import { button } from "../common/button.js";
import { element } from "../common/dom.js";
import { formatBytes, formatBytesOf } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { nameOf } from "./model_switch.js";

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

/** In the dialog: what is on its way, or was paused. */
export class DownloadLine {
  #root;
  #switching;
  #isKept = true;
  #line = element("p", { className: "download-line" });
  #buttons = element("div", { className: "row" });
  /** What the buttons are for. @type {string} */
  #state = "";

  /** @param {HTMLElement} root @param {ModelSwitch} switching */
  constructor(root, switching) {
    this.#root = root;
    this.#switching = switching;
    root.append(this.#line, this.#buttons);
    switching.addEventListener("change", () => this.#show());
    this.#show();
  }

  /** Nothing is kept. */
  setMissing() {
    this.#isKept = false;
    this.#state = "";
    this.#show();
  }

  #show() {
    const { download, paused } = this.#switching;
    const told = download ?? paused;
    this.#root.hidden = !told;
    const state = download ? "loading" : paused ? "paused" : "";
    if (!told) {
      this.#state = state;
      return;
    }
    say(this.#line, () =>
      download
        ? t("models.downloading", { name: nameOf(told.choice), size: sizeOf(told) })
        : t("models.paused", { name: nameOf(told.choice), size: sizeOf(told) }),
    );
    if (state === this.#state) return; // buttons that are pressed stay what they are
    this.#state = state;
    const go = download
      ? button("models.pause", () => this.#switching.pause())
      : button("models.resume", () => this.#switching.resume());
    const cancel = button("models.cancel", () => this.#switching.cancel());
    const hasFocus = this.#buttons.contains(document.activeElement);
    this.#buttons.replaceChildren(...(this.#isKept ? [go] : []), cancel);
    if (hasFocus) this.#buttons.querySelector("button")?.focus();
  }
}

/** @param {Pick<Download, "loaded"|"total">} download */
export function sizeOf({ loaded, total }) {
  return total > 0 ? formatBytesOf(Math.min(loaded, total), total) : formatBytes(loaded);
}
