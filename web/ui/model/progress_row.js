// One thing that loads: its bar, and what is known about its bytes. Neither ever goes backwards.

import { element } from "../common/dom.js";
import { formatBytes, formatBytesOf, formatRemaining } from "../common/format.js";
import { t } from "../../i18n/strings.js";

export class ProgressRow {
  #bar;
  #state = element("span", { className: "state", textContent: t("progress.waiting") });
  #figures = element("span");
  #source = element("span", { className: "source" });
  #loaded = 0;
  #share = 0;

  /** @param {string} name */
  constructor(name) {
    this.#bar = element("progress", { max: 1, value: 0, ariaLabel: name });
    const details = element("span", { className: "details" }, this.#figures, this.#source);
    const title = element("span", { className: "name", textContent: name });
    this.root = element("li", {}, title, this.#state, this.#bar, details);
    this.root.dataset.state = "waiting";
  }

  /** @param {import("../../engine/shared/protocol.js").Progress} progress */
  update({ file, loaded, total, kept = 0, speed = 0, remaining_s: remaining = null, done }) {
    if (this.root.dataset.state === "done") return;
    this.#loaded = Math.max(this.#loaded, loaded);
    if (done) this.#share = 1;
    else if (total > 0) this.#share = Math.max(this.#share, Math.min(1, this.#loaded / total));
    if (this.#share > 0 || total > 0) this.#bar.value = this.#share;
    else this.#bar.removeAttribute("value"); // moves, without saying how far it is
    this.root.dataset.state = done ? "done" : "loading";
    if (done) this.#state.textContent = t("progress.done");
    else this.#state.textContent = total > 0 ? t("progress.percent", { percent: Math.floor(this.#share * 100) }) : "";

    const size = total || this.#loaded;
    const figures = [
      total > 0 && !done ? formatBytesOf(this.#loaded, total) : size && formatBytes(size),
      speed > 0 && !done ? t("progress.speed", { size: formatBytes(speed) }) : "",
      remaining === null || done ? "" : formatRemaining(remaining),
    ];
    this.#figures.textContent = joined(figures);
    this.#source.textContent = joined([keptOf(kept, size), done ? "" : file]);
  }
}

/** @param {(string|number|undefined)[]} parts  the empty ones are left out */
function joined(parts) {
  return parts.filter(Boolean).join(" · ");
}

/** @param {number} kept @param {number} total  bytes */
function keptOf(kept, total) {
  if (!kept) return "";
  return kept === total ? t("progress.all-kept") : t("progress.kept", { size: formatBytes(kept) });
}
