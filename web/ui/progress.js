// The card that shows what is still loading, in real bytes, and what to do when it fails.

import { LOAD_STAGES } from "../engine/protocol.js";
import { element } from "./dom.js";
import { formatBytes, formatMegabytes } from "./format.js";
import { t } from "./strings.js";

export class ProgressCard {
  #root;
  #rows = new Map();

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /** Starts from nothing. */
  show() {
    this.#rows.clear();
    const rows = LOAD_STAGES.map((stage) => this.#createRow(stage));
    this.#root.replaceChildren(
      element("h2", { id: "progress-heading", textContent: t("progress.heading") }),
      element("p", { textContent: t("progress.text") }),
      element("ul", {}, ...rows),
    );
    this.#root.hidden = false;
  }

  hide() {
    this.#root.hidden = true;
  }

  /** @param {import("../engine/protocol.js").Progress} progress */
  update({ stage, loaded, total, done }) {
    const row = this.#rows.get(stage);
    if (!row) return;
    const { bar, figures } = row;
    if (done) {
      bar.max = 1;
      bar.value = 1;
      const size = total || loaded;
      figures.textContent = size ? t("progress.done", { total: formatBytes(size) }) : t("progress.done-unknown");
    } else if (total > 0) {
      bar.max = total;
      bar.value = loaded;
      const inMegabytes = total >= 1e5;
      const part = inMegabytes ? formatMegabytes(loaded) : formatBytes(loaded);
      const percent = Math.min(100, Math.floor((loaded / total) * 100));
      figures.textContent = `${t("progress.bytes", { loaded: part, total: formatBytes(total) })} · ${percent} %`;
    } else {
      bar.removeAttribute("value"); // moves, without saying how far it is
      figures.textContent = loaded ? formatBytes(loaded) : "";
    }
    row.item.dataset.state = done ? "done" : "loading";
  }

  /** @param {string} sentence @param {() => void} retry */
  fail(sentence, retry) {
    this.#root.replaceChildren(
      element("h2", { id: "progress-heading", textContent: t("progress.failed-heading") }),
      element("p", { textContent: sentence, role: "alert" }),
      element("button", { type: "button", className: "quiet", textContent: t("progress.retry"), onclick: retry }),
    );
    this.#root.hidden = false;
  }

  #createRow(stage) {
    const name = t(`progress.${stage}`);
    const bar = element("progress", { max: 1, value: 0, ariaLabel: name });
    const figures = element("span", { className: "figures", textContent: t("progress.waiting") });
    const item = element("li", {}, element("span", { className: "name", textContent: name }), figures, bar);
    item.dataset.state = "waiting";
    this.#rows.set(stage, { item, bar, figures });
    return item;
  }
}
