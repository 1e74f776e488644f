// One thing that loads: its bar, and what is known about its bytes. Neither ever goes backwards.

import { element } from "../common/dom.js";
import {
  formatBytes,
  formatBytesOf,
  formatFacts,
  formatRemaining,
  formatShare,
  formatSpeed,
} from "../common/format.js";
import { say, sayLabel } from "../common/say.js";
import { t } from "../../i18n/strings.js";

/** @import { Progress } from "../../engine/shared/protocol.js" */
/** @import { PlainKey } from "../../i18n/strings.js" */

export class ProgressRow {
  #bar = element("progress", { max: 1, value: 0 });
  #state = element("span", { className: "state" });
  #figures = element("span");
  #source = element("span", { className: "source" });
  #loaded = 0;
  #share = 0;

  /** @param {PlainKey} name */
  constructor(name) {
    sayLabel(this.#bar, name);
    say(this.#state, "progress.waiting");
    const details = element("span", { className: "details" }, this.#figures, this.#source);
    this.root = element("li", {}, say(element("span", { className: "name" }), name), this.#state, this.#bar, details);
    this.root.dataset.state = "waiting";
  }

  /** @param {Progress} progress */
  update(progress) {
    if (this.root.dataset.state === "done") return;
    const { total, done } = progress;
    const loaded = Math.max(this.#loaded, progress.loaded);
    this.#loaded = loaded;
    if (done) this.#share = 1;
    else if (total > 0) this.#share = Math.max(this.#share, Math.min(1, loaded / total));
    const share = this.#share;
    if (share > 0 || total > 0) this.#bar.value = share;
    else this.#bar.removeAttribute("value"); // moves, without saying how far it is
    this.root.dataset.state = done ? "done" : "loading";
    if (done) say(this.#state, "progress.done");
    else say(this.#state, total > 0 ? () => formatShare(share) : null);
    say(this.#figures, () => figuresOf({ ...progress, loaded }));
    say(this.#source, () => sourceOf({ ...progress, loaded }));
  }
}

/** @param {Progress} progress */
function figuresOf({ loaded, total, speed = 0, remaining_s: remaining = null, done }) {
  if (done) return formatFacts([(total || loaded) && formatBytes(total || loaded)]);
  return formatFacts([
    total > 0 ? formatBytesOf(loaded, total) : loaded && formatBytes(loaded),
    speed > 0 && formatSpeed(speed),
    remaining !== null && formatRemaining(remaining),
  ]);
}

/** What came from this device, and which file arrives. @param {Progress} progress */
function sourceOf({ loaded, total, kept, file, done }) {
  const all = t("progress.all-kept");
  const some = kept && t("progress.kept", { size: formatBytes(kept) });
  return formatFacts([kept === (total || loaded) && kept ? all : some, !done && file]);
}
