// An image by itself, as large as the window: closer with the wheel, two fingers or the keyboard, and moved about.

import { byId } from "../common/dom.js";
import { sayAlt } from "../common/say.js";

/** @import { ChosenImage } from "./asked_image.js" */

const MOST = 8;
const STEP = 1.25;
/** How far an arrow key moves, of the window's smaller side. */
const SLIDE = 0.12;
/** What a double click shows, and another takes back. */
const CLOSER = 2.5;

/** @typedef {{x: number, y: number}} Point  in pixels of the window */

export class ImageView {
  #dialog = byId("image-view", HTMLDialogElement);
  #stage = byId("view-stage");
  #image = byId("view-image", HTMLImageElement);
  #url = "";
  #scale = 1;
  /** Where the image's middle is, beside the window's. @type {Point} */
  #offset = { x: 0, y: 0 };
  /** Fingers, or the mouse's button, that are down. @type {Map<number, Point>} */
  #pointers = new Map();

  constructor() {
    byId("view-close").addEventListener("click", () => this.#dialog.close());
    byId("view-closer").addEventListener("click", () => this.#zoom(STEP));
    byId("view-farther").addEventListener("click", () => this.#zoom(1 / STEP));
    byId("view-whole").addEventListener("click", () => this.#reset());
    this.#dialog.addEventListener("close", () => this.#leave());
    this.#dialog.addEventListener("keydown", (event) => this.#press(event));
    const stage = this.#stage;
    stage.addEventListener("wheel", (event) => this.#turnWheel(event), { passive: false });
    stage.addEventListener("dblclick", (event) => this.#zoom(this.#scale > 1 ? 1 / this.#scale : CLOSER, event));
    stage.addEventListener("pointerdown", (event) => this.#putDown(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      stage.addEventListener(name, ({ pointerId }) => this.#pointers.delete(pointerId));
    }
  }

  /** @param {Pick<ChosenImage, "blob"|"preview"|"name">} image */
  open({ blob, preview, name }) {
    this.#url = URL.createObjectURL(blob);
    // Some files open here that no <img> shows.
    this.#image.onerror = () => {
      URL.revokeObjectURL(this.#url);
      this.#url = URL.createObjectURL(preview);
      this.#image.onerror = null;
      this.#image.src = this.#url;
    };
    this.#image.src = this.#url;
    sayAlt(this.#image, "image.preview-alt", { name });
    this.#reset();
    this.#dialog.showModal();
  }

  #leave() {
    URL.revokeObjectURL(this.#url);
    this.#image.removeAttribute("src");
    this.#pointers.clear();
  }

  /** @param {WheelEvent} event */
  #turnWheel(event) {
    event.preventDefault(); // the page behind does not scroll, nor the browser zoom
    this.#zoom(Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.002 : 0.05)), event);
  }

  /** @param {PointerEvent} event */
  #putDown(event) {
    if (event.button !== 0) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, pointOf(event));
  }

  /** One finger moves the image, two bring it closer. @param {PointerEvent} event */
  #move(event) {
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const now = pointOf(event);
    const other = [...this.#pointers].find(([id]) => id !== event.pointerId)?.[1];
    this.#pointers.set(event.pointerId, now);
    if (!other) return this.#slide(now.x - before.x, now.y - before.y);
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.#slide((now.x - before.x) / 2, (now.y - before.y) / 2);
    this.#zoom(distance(now, other) / Math.max(1, distance(before, other)), middle);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const slide = SLIDE * Math.min(innerWidth, innerHeight);
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => this.#zoom(STEP),
      "=": () => this.#zoom(STEP),
      "-": () => this.#zoom(1 / STEP),
      0: () => this.#reset(),
      ArrowLeft: () => this.#slide(slide, 0),
      ArrowRight: () => this.#slide(-slide, 0),
      ArrowUp: () => this.#slide(0, slide),
      ArrowDown: () => this.#slide(0, -slide),
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** @param {number} factor @param {Partial<Point>} [at]  what stays where it is; default: the window's middle */
  #zoom(factor, { x = innerWidth / 2, y = innerHeight / 2 } = {}) {
    const scale = Math.min(MOST, Math.max(1, this.#scale * factor));
    const grown = scale / this.#scale;
    const fromMiddle = { x: x - innerWidth / 2, y: y - innerHeight / 2 };
    this.#scale = scale;
    this.#offset = {
      x: fromMiddle.x - (fromMiddle.x - this.#offset.x) * grown,
      y: fromMiddle.y - (fromMiddle.y - this.#offset.y) * grown,
    };
    this.#show();
  }

  /** @param {number} x @param {number} y */
  #slide(x, y) {
    this.#offset = { x: this.#offset.x + x, y: this.#offset.y + y };
    this.#show();
  }

  #reset() {
    this.#scale = 1;
    this.#offset = { x: 0, y: 0 };
    this.#show();
  }

  /** The image never leaves the window, which it fills at first. */
  #show() {
    const { clientWidth, clientHeight } = this.#image;
    const most = { x: (clientWidth * (this.#scale - 1)) / 2, y: (clientHeight * (this.#scale - 1)) / 2 };
    this.#offset = { x: between(-most.x, this.#offset.x, most.x), y: between(-most.y, this.#offset.y, most.y) };
    this.#image.style.transform = `translate(${this.#offset.x}px, ${this.#offset.y}px) scale(${this.#scale})`;
  }
}

/** @param {PointerEvent} event @returns {Point} */
function pointOf({ clientX, clientY }) {
  return { x: clientX, y: clientY };
}

/** @param {Point} a @param {Point} b */
function distance(a, b) {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

/** @param {number} least @param {number} value @param {number} most */
function between(least, value, most) {
  return Math.min(most, Math.max(least, value));
}
