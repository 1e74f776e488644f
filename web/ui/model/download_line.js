// In the dialog of models: what is on its way, or was paused.

import { button } from "../common/button.js";
import { element } from "../common/dom.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { sizeOf } from "./download_controls.js";
import { nameOf } from "./model_switch.js";

/** @import { ModelSwitch } from "./model_switch.js" */

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
