// The images of a conversation in a row, where there are several: which one is asked about, and a way to the others.

import { byId, element } from "../common/dom.js";
import { sayAlt, sayLabel } from "../common/say.js";
import { holdURL, letURLGo } from "./picture_url.js";

/**
 * @typedef {object} TrayImage
 * @property {string} id
 * @property {() => string} name
 * @property {Blob|null} picture
 */

export class ImageTray {
  #root = byId("image-tray");
  #onChoice;
  /** @type {Map<string, {button: HTMLButtonElement, picture: Blob|null}>} */
  #shown = new Map();

  /** @param {(id: string) => void} onChoice */
  constructor(onChoice) {
    this.#onChoice = onChoice;
  }

  /** @param {TrayImage[]} images @param {string|null} asked  the id of the one that is asked about */
  show(images, asked) {
    const ids = new Set(images.map(({ id }) => id));
    for (const [id, { picture }] of this.#shown) {
      if (ids.has(id)) continue;
      if (picture) letURLGo(picture);
      this.#shown.delete(id);
    }
    for (const image of images) if (!this.#shown.has(image.id)) this.#shown.set(image.id, this.#button(image));
    const buttons = images.map(({ id }) => /** @type {{button: HTMLButtonElement}} */ (this.#shown.get(id)).button);
    if (
      buttons.some((button, at) => this.#root.children[at] !== button) ||
      buttons.length !== this.#root.children.length
    ) {
      this.#root.replaceChildren(...buttons);
    }
    for (const [id, { button }] of this.#shown) button.ariaPressed = String(id === asked);
    this.#root.hidden = images.length < 2;
  }

  /** @param {TrayImage} image */
  #button({ id, name, picture }) {
    const thumbnail = sayAlt(element("img", { draggable: false }), name);
    if (picture) thumbnail.src = holdURL(picture);
    const onclick = () => this.#onChoice(id);
    const button = sayLabel(element("button", { type: "button", className: "tray-image", onclick }, thumbnail), name);
    return { button, picture };
  }
}
