// Choosing a model: a Hugging Face repository or a URL by name, files of one's own, or the one that comes with the page.

import { isWeightName } from "../../engine/shared/model_files.js";
import { byId, element } from "../common/dom.js";
import { say } from "../common/say.js";
import { publishedCard } from "./published.js";

/** Known to fit this engine; the numbers are millions of parameters. */
const KNOWN = [
  "HuggingFaceTB/SmolVLM-256M-Instruct",
  "HuggingFaceTB/SmolVLM-500M-Instruct",
  "HuggingFaceTB/SmolVLM2-256M-Video-Instruct",
  "HuggingFaceTB/SmolLM2-135M-Instruct",
];

/** @typedef {{model?: string, files?: File[], token?: string}} Choice  none of them: the page's own model */

export class ModelDialog {
  #dialog = byId("model-dialog", HTMLDialogElement);
  #source = byId("model-source", HTMLInputElement);
  #token = byId("model-token", HTMLInputElement);
  #hint = byId("model-hint");
  #published = byId("model-published");
  #onChoice;

  /** @param {(choice: Choice) => void} onChoice */
  constructor(onChoice) {
    this.#onChoice = onChoice;
    byId("model-button").addEventListener("click", () => this.#open());
    byId("model-cancel").addEventListener("click", () => this.#dialog.close());
    byId("model-bundled").addEventListener("click", () => this.choose({}));
    byId("model-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#load();
    });
    for (const name of ["model-files", "model-folder"]) {
      const input = byId(`${name}-input`, HTMLInputElement);
      byId(name).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        const files = [...(input.files ?? [])];
        input.value = "";
        if (files.length) this.takeFiles(files);
      });
    }
    this.#source.addEventListener("input", () => this.#showPublished());
    byId("model-known").replaceChildren(
      ...KNOWN.map((name) =>
        element("button", {
          type: "button",
          className: "chip",
          textContent: name.split("/")[1],
          title: name,
          onclick: () => {
            this.#source.value = name;
            say(this.#hint, null);
            this.#showPublished();
          },
        }),
      ),
    );
  }

  /** @param {import("../../engine/shared/protocol.js").ModelCard} card */
  setModel(card) {
    say(byId("model-button"), () => card.name);
  }

  /** Dropped or picked files of a model. @param {File[]} files @returns {boolean} whether they are those of a model */
  takeFiles(files) {
    if (!files.some((file) => isWeightName(file.name))) {
      say(this.#hint, "model.no-weights");
      return false;
    }
    this.choose({ files });
    return true;
  }

  #open() {
    say(this.#hint, null);
    this.#dialog.showModal();
  }

  /** What the model that is named does better than the page's own. */
  #showPublished() {
    this.#published.replaceChildren(...publishedCard(this.#source.value.trim()));
  }

  #load() {
    const model = this.#source.value.trim();
    if (!model) {
      say(this.#hint, "model.name-missing");
      return;
    }
    this.choose({ model, token: this.#token.value.trim() || undefined });
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.#dialog.close();
    say(byId("model-button"), "model.choose"); // until one is there
    this.#onChoice(choice);
  }
}
