// A small picture of an image, for lists.

/** @import { Thumbnail } from "./records.js" */

const SIDE = 192;
const TYPE = "image/webp";
const QUALITY = 0.8;

/**
 * @param {Blob} blob
 * @param {{width: number, height: number}} size  of the image as it is shown
 * @returns {Promise<Thumbnail|null>}  null for what this browser cannot draw
 */
export async function makeThumbnail(blob, { width, height }) {
  try {
    const scale = Math.min(1, SIDE / Math.max(width, height));
    const size = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
    // Resized as it is decoded: a large image never lies in memory as a whole picture of ours. To twice the size, as it is
    // drawn smaller after: a better quality would be made on the main thread.
    const larger = Math.min(2, 1 / scale);
    const options = /** @type {const} */ ({
      resizeWidth: Math.round(size.width * larger),
      resizeHeight: Math.round(size.height * larger),
      resizeQuality: "low",
    });
    const bitmap = await createImageBitmap(blob, options);
    const small = await draw(bitmap, size);
    bitmap.close();
    return small && { type: small.type, bytes: new Uint8Array(await small.arrayBuffer()) };
  } catch {
    return null;
  }
}

/**
 * On white, as the page shows it and the model sees it.
 * @param {ImageBitmap} bitmap
 * @param {{width: number, height: number}} size
 */
async function draw(bitmap, { width, height }) {
  if (typeof OffscreenCanvas === "function") {
    const canvas = new OffscreenCanvas(width, height);
    if (!paint(canvas.getContext("2d"), bitmap, width, height)) return null;
    return canvas.convertToBlob({ type: TYPE, quality: QUALITY });
  }
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  if (!paint(canvas.getContext("2d"), bitmap, width, height)) return null;
  return new Promise((/** @type {(blob: Blob|null) => void} */ resolve) => canvas.toBlob(resolve, TYPE, QUALITY));
}

/**
 * @param {CanvasDrawImage & CanvasRect & CanvasFillStrokeStyles|null} context
 * @param {ImageBitmap} bitmap
 * @param {number} width
 * @param {number} height
 */
function paint(context, bitmap, width, height) {
  if (!context) return false;
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  return true;
}
