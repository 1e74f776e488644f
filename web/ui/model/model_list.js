// The models of the dialog: the page's own, those that are known to fit, and what else is on this device.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { READER_NAME } from "../../engine/shared/manifests.js";
import * as storage from "../../engine/shared/storage.js";
import { byId, element } from "../common/dom.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { KNOWN, OWN, knownModel } from "./known_models.js";
import { keptRow, knownRow } from "./model_rows.js";

/** @import { KeptModel } from "../../engine/shared/storage.js" */
/** @import { Said } from "../common/say.js" */
/** @import { KnownModel } from "./known_models.js" */
/** @import { ModelSwitch } from "./model_switch.js" */

/**
 * @typedef {object} ListActions
 * @property {(id: string) => void} onPick  a known model
 * @property {(source: string) => void} onLoad  one that is on this device
 * @property {(said: Said) => void} onSaid  what came of something
 * @property {() => void} onShown  what is on this device is known
 */

export class ModelList {
  #own = byId("model-own");
  #known = byId("model-known");
  #stored = byId("model-stored");
  #bundled = byId("model-bundled");
  #switching;
  #actions;
  /** @type {KeptModel[]} */
  #kept = [];
  #room = Infinity;
  #picked = "";

  /** @param {ModelSwitch} switching @param {ListActions} actions */
  constructor(switching, actions) {
    this.#switching = switching;
    this.#actions = actions;
    this.#show();
  }

  /** Reads again what is stored. */
  async refresh() {
    const [kept, { usage, quota }] = await Promise.all([storage.listModels(), storage.usage()]).catch(() => NONE);
    this.#kept = kept;
    this.#room = quota ? quota - usage : Infinity;
    this.#show();
    this.#actions.onShown();
  }

  /** What is on this device of a model, the most complete. @param {string} source @returns {KeptModel|null} */
  keptOf(source) {
    const kept = this.#kept.filter((model) => model.source === source);
    return kept.find(({ complete }) => complete) ?? kept[0] ?? null;
  }

  /** Marks a row. @param {string} id  none is marked where it is not known */
  pick(id) {
    this.#picked = id;
    for (const button of this.#known.querySelectorAll("button.model-name")) {
      button.ariaPressed = String(button.closest("li")?.dataset.model === id);
    }
  }

  #show() {
    const focused = document.activeElement?.closest(".model-row")?.getAttribute("data-model");
    const own = this.#row(OWN);
    this.#bundled.hidden = this.#isUsed(OWN);
    own.append(this.#bundled);
    this.#own.replaceChildren(own);
    this.#known.replaceChildren(...KNOWN.map((model) => this.#row(model, this.#head(model))));
    const others = this.#kept.filter(({ name, source }) => name !== READER_NAME && !knownModel(source));
    const onLoad = (/** @type {KeptModel} */ { source }) => this.#actions.onLoad(source);
    const onDelete = this.#delete;
    const rows = others.map((kept) => keptRow(kept, this.#switching.isUsed(kept.source), { onLoad, onDelete }));
    this.#stored.replaceChildren(...rows);
    byId("model-stored-part").hidden = others.length === 0;
    this.pick(this.#picked);
    if (focused) this.#focus(focused);
  }

  /** @param {Readonly<KnownModel>} model @param {HTMLElement} [head] */
  #row(model, head) {
    const kept = model === OWN ? null : this.keptOf(model.id);
    return knownRow(model, { isUsed: this.#isUsed(model), kept, room: this.#room }, { head, onDelete: this.#delete });
  }

  /** @param {Readonly<KnownModel>} model */
  #isUsed({ id }) {
    return this.#switching.card?.id === id;
  }

  /** @param {Readonly<KnownModel>} model */
  #head({ id, name }) {
    const onclick = () => this.#actions.onPick(id);
    return element("button", { type: "button", className: "model-name", textContent: name, title: id, onclick });
  }

  /** @param {string} id  a row that has been made anew */
  #focus(id) {
    const row = [...this.#known.children].find((child) => child.getAttribute("data-model") === id);
    (row?.querySelector("button") ?? byId("model-cancel")).focus();
  }

  /** @param {KeptModel} kept @param {string} name */
  #delete = async ({ id, source }, name) => {
    const said = await storage.deleteModel(id).then(
      () => () => t("storage.deleted", { name }),
      (error) => {
        if (!(error instanceof TinyVLMError)) throw error;
        return () => errorSentence(error);
      },
    );
    await this.refresh();
    if (!this.keptOf(source)) this.#switching.forget(source);
    this.#actions.onSaid(said);
    if (!this.#own.closest("dialog")?.contains(document.activeElement)) byId("model-cancel").focus(); // the button is gone
  };
}

/** @type {[KeptModel[], {usage: number, quota: number, persisted: boolean}]} */
const NONE = [[], { usage: 0, quota: 0, persisted: false }];
