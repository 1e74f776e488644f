// Small pictures of rows, made when a row comes into sight, one at a time.

/** In pixels of the picture; it is seen half as large. */
const SIDE = 96;

export class RowPictures {
  #fileOf;
  /** @type {Map<Element, number>} */
  #numbers = new Map();
  /** @type {string[]} */
  #urls = [];
  #seen = new IntersectionObserver((entries) => this.#see(entries), { rootMargin: "200px" });
  #turn = Promise.resolve();

  /** @param {(number: number) => Promise<Blob|null>} fileOf  a row */
  constructor(fileOf) {
    this.#fileOf = fileOf;
  }

  /** @param {HTMLImageElement} image  that is to show it, once it is seen @param {number} number  of the row */
  show(image, number) {
    this.#numbers.set(image, number);
    this.#seen.observe(image);
  }

  clear() {
    this.#seen.disconnect();
    this.#numbers.clear();
    for (const url of this.#urls) URL.revokeObjectURL(url);
    this.#urls = [];
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #see(entries) {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      this.#seen.unobserve(target);
      this.#turn = this.#turn.then(() => this.#make(/** @type {HTMLImageElement} */ (target)));
    }
  }

  /** @param {HTMLImageElement} image */
  async #make(image) {
    const number = this.#numbers.get(image);
    const file = number === undefined ? null : await this.#fileOf(number);
    const small = file && (await smallPicture(file).catch(() => null)); // what is no image shows none
    if (!small || !this.#numbers.has(image)) return;
    const url = URL.createObjectURL(small);
    this.#urls.push(url);
    image.src = url;
  }
}

/** Its middle, on white. @param {Blob} file @returns {Promise<Blob|null>} */
async function smallPicture(file) {
  // Small as it is decoded, beside the main thread; a better quality would be made on it.
  const bitmap = await createImageBitmap(file, { resizeHeight: 2 * SIDE, resizeQuality: "low" });
  const { width, height } = bitmap;
  const side = Math.min(width, height);
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  if (!context) return null;
  context.fillStyle = "white";
  context.fillRect(0, 0, SIDE, SIDE);
  context.drawImage(bitmap, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  bitmap.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.8 });
}
