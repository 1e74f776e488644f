// The models kept on this device: what they are, how much room they take, and their end.

import { TinyVLMError } from "../../engine/shared/errors.js";
import { READER_NAME } from "../../engine/shared/manifests.js";
import * as storage from "../../engine/shared/storage.js";
import { byId, element } from "../common/dom.js";
import { formatBytes, formatFacts } from "../common/format.js";
import { formatDate } from "../common/format_dates.js";
import { say, sayLabel } from "../common/say.js";
import { errorSentence, t } from "../../i18n/strings.js";
import { knownModel } from "./known_models.js";
import { inUse } from "./model_rows.js";

/** @import { KeptModel } from "../../engine/shared/storage.js" */
/** @import { Message, Said } from "../common/say.js" */
/** @import { ModelSwitch } from "./model_switch.js" */

export class StorageDialog {
  #dialog = byId("storage-dialog", HTMLDialogElement);
  #list = byId("storage-list");
  #message = byId("storage-message");
  #isMissing = false;
  #switching;

  /** @param {ModelSwitch} switching */
  constructor(switching) {
    this.#switching = switching;
    byId("storage-close").addEventListener("click", () => this.#dialog.close());
    byId("storage-delete-all").addEventListener("click", () => this.#askBeforeAll(true));
    byId("storage-keep").addEventListener("click", () => this.#askBeforeAll(false));
    byId("storage-confirm-delete").addEventListener("click", () => this.#deleteAll());
    byId("storage-persist").addEventListener("click", () => this.#persist());
  }

  /** There is none: the browser does not let this page keep anything. */
  setMissing() {
    this.#isMissing = true;
    void this.refresh();
  }

  open() {
    this.#say(null);
    this.#showConfirmation(false);
    if (!this.#dialog.open) this.#dialog.showModal();
    void this.refresh();
  }

  /** Reads again what is stored, if someone is looking. */
  async refresh() {
    if (!this.#dialog.open) return;
    const [models, usage] = await Promise.all([storage.listModels(), storage.usage()]);
    this.#showModels(models);
    this.#showUsage(usage, models);
    if (this.#isMissing) this.#say("storage.missing");
  }

  /** @param {KeptModel[]} models */
  #showModels(models) {
    this.#list.replaceChildren(...models.map((model) => this.#item(model)));
    this.#list.hidden = models.length === 0;
    byId("storage-empty").hidden = models.length > 0 || this.#isMissing;
    byId("storage-delete-all").hidden = models.length === 0;
    const size = models.reduce((sum, { bytes }) => sum + bytes, 0);
    say(byId("storage-question"), "storage.confirm", { size: () => formatBytes(size) });
  }

  /** @param {KeptModel} model  or the text reader, which nobody asks questions of */
  #item({ id, name: kept, source, bytes, complete, saved }) {
    const isReader = kept === READER_NAME;
    const isUsed = this.#switching.isUsed(source);
    const name = () => (isReader ? t("storage.reader") : (knownModel(source)?.name ?? kept));
    const load = button("load", name, () => {
      this.#dialog.close();
      this.#switching.choose({ model: source });
    });
    const remove = button("delete", name, () => this.#delete(id, name));
    const facts = () => formatFacts([formatBytes(bytes), t("storage.saved", { date: formatDate(saved) })]);
    const lines = [
      say(element("strong", { className: "name", dir: "auto" }), name),
      say(element("span", { className: "soft" }), facts),
    ];
    if (isUsed) lines.push(inUse());
    if (!complete) lines.push(say(element("span", { className: "incomplete" }), "storage.incomplete"));
    return element(
      "li",
      {},
      ...lines,
      element("div", { className: "row" }, ...(isReader || isUsed ? [] : [load]), remove),
    );
  }

  /** @param {{usage: number, quota: number, persisted: boolean}} usage @param {KeptModel[]} models */
  #showUsage({ usage, quota, persisted }, models) {
    byId("storage-usage").hidden = this.#isMissing || !quota;
    const bar = byId("storage-quota", HTMLMeterElement);
    bar.max = quota;
    bar.value = usage;
    const used = { used: () => formatBytes(usage), quota: () => formatBytes(quota) };
    say(byId("storage-quota-text"), "storage.quota", used);
    say(byId("storage-persisted"), persisted ? "storage.persisted" : "storage.not-persisted");
    byId("storage-persistence").hidden = models.length === 0;
    byId("storage-persist").hidden = persisted;
  }

  /** @param {string} id @param {Message} name */
  async #delete(id, name) {
    await this.#change(async () => {
      await storage.deleteModel(id);
      return () => t("storage.deleted", { name: name() });
    });
    this.#focusWhatIsLeft();
  }

  async #deleteAll() {
    await this.#change(async () => {
      await storage.deleteAll();
      return "storage.deleted-all";
    });
    this.#showConfirmation(false);
    this.#focusWhatIsLeft();
  }

  async #persist() {
    await this.#change(async () => ((await storage.persist()) ? "storage.persist-granted" : "storage.persist-refused"));
  }

  /** Does something to what is stored, and says what came of it. @param {() => Promise<Said>} action */
  async #change(action) {
    const said = await action().catch((error) => {
      if (!(error instanceof TinyVLMError)) throw error;
      return () => errorSentence(error);
    });
    await this.refresh();
    this.#say(said);
  }

  /** @param {boolean} isAsked */
  #askBeforeAll(isAsked) {
    this.#showConfirmation(isAsked);
    byId(isAsked ? "storage-keep" : "storage-delete-all").focus();
  }

  /** @param {boolean} isAsked */
  #showConfirmation(isAsked) {
    byId("storage-confirmation").hidden = !isAsked;
    byId("storage-actions").hidden = isAsked;
  }

  /** The button that was pressed is gone. */
  #focusWhatIsLeft() {
    (this.#list.querySelector("button") ?? byId("storage-close")).focus();
  }

  /** @param {Said|null} said */
  #say(said) {
    say(this.#message, said);
  }
}

/** @param {"load"|"delete"} action @param {Message} name  of the model @param {() => void} onclick */
function button(action, name, onclick) {
  const node = say(element("button", { type: "button", className: "quiet", onclick }), `storage.${action}`);
  return sayLabel(node, `storage.${action}-label`, { name });
}
