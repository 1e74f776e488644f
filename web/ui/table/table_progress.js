// How far a table is, and what can be done about it: begin, stop, go on, try again.

import { byId } from "../common/dom.js";
import { formatFacts, formatRemaining } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/**
 * @typedef {object} TableState
 * @property {boolean} isRunning
 * @property {boolean} hasBegun
 * @property {boolean} isOther  another question is written than was asked
 * @property {number|null} left  seconds
 *
 * @typedef {{all: number, done: number, failed: number, open: number}} Counts
 */

export class TableProgress {
  #start = byId("table-start", HTMLButtonElement);
  #stop = byId("table-stop", HTMLButtonElement);
  #retry = byId("table-retry", HTMLButtonElement);
  #bar = byId("table-bar", HTMLProgressElement);
  #isLoading = false;

  /** @param {{onStop: () => void, onRetry: () => void}} handlers */
  constructor({ onStop, onRetry }) {
    this.#stop.addEventListener("click", onStop);
    this.#retry.addEventListener("click", onRetry);
  }

  /** Whether the model is waited for. @param {boolean} isLoading */
  setLoading(isLoading) {
    if (isLoading === this.#isLoading) return;
    this.#isLoading = isLoading;
    say(byId("table-loading"), isLoading ? "table.loading" : null);
  }

  /** @param {Counts} counts @param {TableState} state */
  show({ all, done, failed, open }, { isRunning, hasBegun, isOther, left }) {
    if (!isRunning) this.setLoading(false);
    const ended = all - open;
    byId("table-progress").hidden = !hasBegun;
    Object.assign(this.#bar, { max: Math.max(1, all), value: ended });
    const time = () => (isRunning && left !== null && open > 0 ? formatRemaining(left) : null);
    say(byId("table-progress-text"), () => formatFacts([t("table.progress", { done: ended, count: all }), time()]));
    // It stays where it is and keeps the focus; a second click on it does nothing.
    this.#start.ariaDisabled = String(isRunning || (hasBegun && !isOther && open === 0));
    const isBroken = hasBegun && !isRunning && open > 0;
    say(this.#start, isOther ? "table.again-all" : isBroken ? "table.resume" : "table.start");
    this.#hide(this.#stop, !isRunning);
    this.#hide(this.#retry, isRunning || failed === 0);
    say(this.#retry, () => t("table.retry", { count: failed }));
    const isSaid = isRunning ? () => t("table.open-running", { done: ended, count: all }) : () => t("table.open");
    say(byId("table-button"), isSaid);
  }

  /** The focus does not go with it. @param {HTMLButtonElement} button @param {boolean} isHidden */
  #hide(button, isHidden) {
    const hadFocus = button === document.activeElement;
    button.hidden = isHidden;
    if (isHidden && hadFocus) this.#start.focus();
  }
}
