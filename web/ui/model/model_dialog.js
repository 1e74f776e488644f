// Choosing a model: the page's own, public ones by name or address, files of one's own; what each takes, and what of it is
// on this device already.

import { isWeightName } from "../../engine/shared/model_files.js";
import { byId } from "../common/dom.js";
import { formatBytes } from "../common/format.js";
import { say } from "../common/say.js";
import { t } from "../../i18n/strings.js";
import { fillTable } from "./compare_table.js";
import { DownloadLine } from "./download_line.js";
import { BETTER, knownModel } from "./known_models.js";
import { ModelList } from "./model_list.js";
import { publishedCard } from "./published.js";

/** @import { Said } from "../common/say.js" */
/** @import { Choice, ModelSwitch } from "./model_switch.js" */

/**
 * @typedef {object} DialogHandlers
 * @property {() => void} onStored  the dialog of what is stored is wanted
 */

export class ModelDialog {
  #dialog = byId("model-dialog", HTMLDialogElement);
  #source = byId("model-source", HTMLInputElement);
  #token = byId("model-token", HTMLInputElement);
  #hint = byId("model-hint");
  #published = byId("model-published");
  #switching;
  #list;
  #line;
  #isMissing = false;

  /** @param {ModelSwitch} switching @param {DialogHandlers} handlers */
  constructor(switching, { onStored }) {
    this.#switching = switching;
    this.#line = new DownloadLine(byId("model-download"), switching);
    this.#list = new ModelList(switching, {
      onPick: (id) => this.#pick(id),
      onLoad: (source) => this.#choose({ model: source }),
      onSaid: (said) => say(this.#hint, said),
      onShown: () => this.#showCost(),
    });
    this.#source.addEventListener("input", () => this.#showChoice());
    byId("model-cancel").addEventListener("click", () => this.#dialog.close());
    byId("model-bundled").addEventListener("click", () => this.#choose({}));
    byId("model-manage").addEventListener("click", () => {
      this.#dialog.close();
      onStored();
    });
    byId("model-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#load();
    });
    byId("model-compare").addEventListener("toggle", () => fillTable(byId("model-table", HTMLTableElement)));
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.#showCost());
    for (const name of ["model-files", "model-folder"]) this.#takeFrom(name);
  }

  close() {
    this.#dialog.close();
  }

  /** The browser does not let this page keep anything. */
  setMissing() {
    this.#isMissing = true;
    this.#line.setMissing();
    this.#showCost();
  }

  /** Reads again what is stored, if someone is looking. */
  async refresh() {
    if (this.#dialog.open) await this.#list.refresh();
  }

  /** Opens with the model chosen that answers better about photos; nothing is downloaded yet. */
  propose() {
    this.#pick(BETTER);
    this.open();
    byId("model-get").focus();
  }

  open() {
    say(this.#hint, null);
    this.#dialog.showModal();
    void this.#list.refresh();
  }

  /** @param {string} name  of the button, and of what it opens */
  #takeFrom(name) {
    const input = byId(`${name}-input`, HTMLInputElement);
    byId(name).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const files = [...(input.files ?? [])];
      input.value = "";
      if (files.length) this.#takeFiles(files);
    });
  }

  /** @param {File[]} files  that were picked */
  #takeFiles(files) {
    if (files.some((file) => isWeightName(file.name))) this.#choose({ files });
    else say(this.#hint, "model.no-weights");
  }

  /** @param {Choice} choice */
  #choose(choice) {
    this.close();
    this.#switching.choose(choice);
  }

  /** @param {string} id */
  #pick(id) {
    this.#source.value = id;
    say(this.#hint, null);
    this.#showChoice();
  }

  get #model() {
    return this.#source.value.trim();
  }

  /** What the model that is named does better than the page's own, and what it takes. */
  #showChoice() {
    this.#list.pick(this.#model);
    this.#published.replaceChildren(...publishedCard(this.#model));
    this.#showCost();
  }

  #showCost() {
    const missing = this.#missingBytes();
    say(byId("model-cost"), this.#cost());
    say(byId("model-get"), missing ? () => t("models.get", { size: formatBytes(missing) }) : "model.load");
  }

  /** What has still to come of the model that is named, where that is known. */
  #missingBytes() {
    const kept = this.#list.keptOf(this.#model);
    const { bytes } = knownModel(this.#model) ?? { bytes: null };
    return kept?.complete ? 0 : Math.max((bytes ?? 0) - (kept?.bytes ?? 0), 0);
  }

  /** @returns {Said|null} */
  #cost() {
    const kept = this.#list.keptOf(this.#model);
    const missing = this.#missingBytes();
    if (!this.#model.includes("/")) return null;
    if (kept?.complete) return "models.cost-none";
    if (!navigator.onLine) return "models.offline";
    if (!missing) return "models.cost-unknown";
    const size = () => formatBytes(missing);
    if (this.#isMissing) return () => t("models.cost-each-time", { size: size() });
    if (kept) return () => t("models.cost-rest", { size: size(), kept: formatBytes(kept.bytes) });
    return () => t("models.cost", { size: size() });
  }

  #load() {
    if (!this.#model) {
      say(this.#hint, "model.name-missing");
      return;
    }
    if (this.#switching.download?.choice.model === this.#model) {
      this.#dialog.close(); // it is on its way
      return;
    }
    this.#choose({ model: this.#model, token: this.#token.value.trim() || undefined });
  }
}
