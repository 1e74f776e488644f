// Where the model looked: an answer word by word, and the places laid over the image for as long as it is asked about.

import { byId } from "../common/dom.js";
import { HeatLayer } from "../image/heat_layer.js";
import { explainedAnswer } from "./explained_answer.js";

/** @import { Explanation } from "../../engine/shared/explanation.js" */
/** @import { AskedImage, ChosenImage } from "../image/asked_image.js" */

export class LookedAt {
  #layers = [byId("picture"), byId("strip-picture")].map((picture) => new HeatLayer(picture));
  #asked;

  /** @param {AskedImage} asked */
  constructor(asked) {
    this.#asked = asked;
    asked.addEventListener("choice", () => this.#show(null));
  }

  /** @param {Explanation} explanation @param {ChosenImage} image  that it is about @returns {HTMLElement} */
  explained(explanation, image) {
    return explainedAnswer(explanation, (heat) => this.#show(heat, image));
  }

  /** @param {number[][]|null} heat @param {ChosenImage} [image] */
  #show(heat, image) {
    for (const layer of this.#layers) {
      if (heat && image && image === this.#asked.chosen) layer.show(heat, image);
      else layer.clear();
    }
  }
}
