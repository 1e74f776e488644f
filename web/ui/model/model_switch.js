// Which model is in use, which one is on its way, and which one waits half downloaded. What has come of a download stays on
// this device: to pause is to go back to the model before, to resume is to load the other one again.

import { OWN, isOwnModel, knownModel } from "./known_models.js";

/** @import { ModelCard, Progress } from "../../engine/shared/protocol.js" */

/**
 * @typedef {{model?: string, files?: File[], token?: string}} Choice  none of them: the page's own model
 *
 * @typedef {object} Download  of a model that was asked for by name or address
 * @property {Choice & {model: string}} choice
 * @property {number} loaded  bytes
 * @property {number} total  bytes, 0 where unknown
 *
 * @typedef {Download & {isPaused: boolean}} Left  by `pause` or `cancel`
 */

/** Events: "change"; "left" (detail: Left) when a download was paused or cancelled. */
export class ModelSwitch extends EventTarget {
  #load;
  /** @type {Choice} */
  #choice;
  /** The choice before, which could answer. @type {Choice} */
  #inUse = {};
  /** @type {ModelCard|null} */
  #card = null;
  #isArriving = true;
  #loaded = 0;
  #total = 0;
  /** @type {Download|null} */
  #paused = null;

  /** @param {Choice} choice  what loads at the start @param {(choice: Choice) => void} load */
  constructor(choice, load) {
    super();
    this.#choice = choice;
    this.#load = load;
  }

  /** The model that answers; null while none does. @returns {ModelCard|null} */
  get card() {
    return this.#isArriving ? null : this.#card;
  }

  /** Another model than the page's own is on its way. @returns {boolean} */
  get canCancel() {
    return this.#isArriving && !isOwn(this.#choice);
  }

  /** What can be paused: files of one's own are read anew. @returns {Download|null} */
  get download() {
    const { model } = this.#choice;
    if (!this.canCancel || !model) return null;
    return { choice: { ...this.#choice, model }, loaded: this.#loaded, total: this.#total };
  }

  get paused() {
    return this.#paused;
  }

  /** What "back" goes back to. @returns {string} */
  get nameBefore() {
    return nameOf(this.#inUse);
  }

  /** Whether a model that is kept is the one that answers. @param {string} source */
  isUsed(source) {
    if (!this.card || this.#inUse.files) return false;
    return isOwn(this.#inUse) ? isOwnModel(source) : source === this.#inUse.model;
  }

  /** @param {Choice} choice */
  choose(choice) {
    if (choice.model && choice.model === this.#paused?.choice.model) this.#paused = null;
    this.#begin(choice);
  }

  /** @param {Progress} progress */
  note({ step, loaded, total }) {
    if (step !== "model" || !this.#isArriving) return;
    this.#loaded = Math.max(this.#loaded, loaded);
    this.#total = Math.max(this.#total, total);
    this.#tell();
  }

  /** It can answer. @param {ModelCard} card */
  arrived(card) {
    this.#card = card;
    this.#inUse = this.#choice;
    this.#isArriving = false;
    this.#tell();
  }

  pause() {
    const { download } = this;
    if (!download) return;
    this.#paused = download;
    this.#leave({ ...download, isPaused: true });
  }

  resume() {
    if (this.#paused) this.choose(this.#paused.choice);
  }

  /** Gives up what is on its way, or what was paused. */
  cancel() {
    const { download, canCancel } = this;
    const paused = this.#paused;
    if (canCancel) {
      this.#leave(download && { ...download, isPaused: false });
    } else if (paused) {
      this.#paused = null;
      this.#tell();
      this.dispatchEvent(new CustomEvent("left", { detail: { ...paused, isPaused: false } }));
    }
  }

  /** What was paused is gone. @param {string} model */
  forget(model) {
    if (this.#paused?.choice.model !== model) return;
    this.#paused = null;
    this.#tell();
  }

  /** @param {Left|null} left */
  #leave(left) {
    this.#begin(this.#inUse);
    if (left) this.dispatchEvent(new CustomEvent("left", { detail: left }));
  }

  /** @param {Choice} choice */
  #begin(choice) {
    this.#choice = choice;
    this.#isArriving = true;
    this.#loaded = 0;
    this.#total = 0;
    this.#load(choice);
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {Choice} choice */
function isOwn({ model, files }) {
  return !files && (!model || isOwnModel(model));
}

/** @param {Choice} choice @returns {string} */
export function nameOf({ model, files }) {
  if (files) return files[0]?.webkitRelativePath.split("/")[0] || files[0]?.name || "";
  return knownModel(model ?? OWN.id)?.name ?? model ?? "";
}
