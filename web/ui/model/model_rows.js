// The rows of the models dialog: a known model with its facts, and one that is on this device besides.

import { element } from "../common/dom.js";
import { formatBytes, formatBytesOf, formatFacts, formatTime } from "../common/format.js";
import { say, sayLabel } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { deviceMemory, isEnough } from "./device.js";
import { speedOf } from "./speeds.js";

/** @import { KeptModel } from "../../engine/shared/storage.js" */
/** @import { KnownModel } from "./known_models.js" */

/**
 * @typedef {object} RowState
 * @property {boolean} isUsed
 * @property {KeptModel|null} kept
 * @property {number} room  bytes that the browser lets the page keep besides; Infinity where it does not tell
 *
 * @typedef {object} RowActions
 * @property {HTMLElement} [head]  in place of the name
 * @property {(kept: KeptModel, name: string) => void} onDelete
 */

/**
 * @param {Readonly<KnownModel>} model
 * @param {RowState} state
 * @param {RowActions} actions
 */
export function knownRow(model, { isUsed, kept, room }, { head, onDelete }) {
  const { name, good } = model;
  const title = element("div", { className: "model-title" });
  title.append(head ?? element("strong", { textContent: name, lang: "en" }));
  if (isUsed) title.append(inUse());
  const lines = [
    title,
    say(element("p", { className: "good" }), good),
    say(element("p", { className: "soft" }), () => factsOf(model)),
  ];
  const warning = warningOf(model, kept, room);
  if (warning) lines.push(say(element("p", { className: "tight" }), warning));
  const speed = speedOf(model.id);
  if (speed) {
    const { first_token_ms: first, total_ms: total } = speed;
    const times = { first: () => formatTime(first), total: () => formatTime(total) };
    lines.push(say(element("p", { className: "soft speed" }), "models.speed", times));
  }
  if (kept) lines.push(keptLine(kept, name, model.bytes, onDelete));
  const row = element("li", { className: "model-row" }, ...lines);
  row.dataset.model = model.id;
  return row;
}

/**
 * One that is not known to the page, but there.
 * @param {KeptModel} kept
 * @param {boolean} isUsed
 * @param {{onLoad: (kept: KeptModel) => void, onDelete: (kept: KeptModel, name: string) => void}} actions
 */
export function keptRow(kept, isUsed, { onLoad, onDelete }) {
  const { name } = kept;
  const load = say(
    element("button", { type: "button", className: "quiet", onclick: () => onLoad(kept) }),
    "storage.load",
  );
  sayLabel(load, "storage.load-label", { name });
  const line = keptLine(kept, name, null, onDelete);
  if (!isUsed) line.querySelector("button")?.before(load);
  const title = element("div", { className: "model-title" }, element("strong", { textContent: name, dir: "auto" }));
  if (isUsed) title.append(inUse());
  return element("li", { className: "model-row" }, title, line);
}

export function inUse() {
  return say(element("span", { className: "badge in-use" }), "models.in-use");
}

/** @param {KeptModel} kept @param {string} name @param {number|null} total @param {RowActions["onDelete"]} onDelete */
function keptLine(kept, name, total, onDelete) {
  const { bytes, complete } = kept;
  const said = () => {
    if (complete) return t("models.stored", { size: formatBytes(bytes) });
    const size = total && total > bytes ? formatBytesOf(bytes, total) : formatBytes(bytes);
    return t("models.stored-part", { size });
  };
  const onclick = () => onDelete(kept, name);
  const remove = say(element("button", { type: "button", className: "quiet", onclick }), "storage.delete");
  sayLabel(remove, "storage.delete-label", { name });
  return element("div", { className: "model-kept" }, say(element("span", { className: "soft" }), said), remove);
}

/** @param {Readonly<KnownModel>} model */
function factsOf({ bytes, memory, licence }) {
  return formatFacts([
    bytes && formatBytes(bytes),
    memory && t("models.memory", { size: formatBytes(memory) }),
    licence && t(licence),
  ]);
}

/** What may go wrong on this device. @param {Readonly<KnownModel>} model @param {KeptModel|null} kept @param {number} room */
function warningOf({ bytes, memory: needed }, kept, room) {
  const memory = deviceMemory();
  if (needed && memory && !isEnough(needed, memory)) {
    return () => t("models.tight", { memory: formatBytes(memory) });
  }
  const missing = (bytes ?? 0) - (kept?.bytes ?? 0);
  if (missing > room) return () => t("models.too-full", { room: formatBytes(Math.max(room, 0)) });
  return null;
}
